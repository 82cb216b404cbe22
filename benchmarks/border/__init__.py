"""What `benchmarks.identity` measures, one question per file."""
