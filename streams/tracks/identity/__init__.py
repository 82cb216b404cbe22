"""Identity as an attribute with evidence: reports' own filters, pairs, the shown state, dark labels, duplicates."""
