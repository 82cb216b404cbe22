"""Part of Vedette."""
