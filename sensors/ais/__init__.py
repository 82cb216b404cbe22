"""AIS as receivers log it: NMEA 0183 VDM and VDO sentences (IEC 61162-1, ITU-R M.1371-5)."""
