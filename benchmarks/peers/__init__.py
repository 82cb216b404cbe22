"""Consumers compared by ``benchmarks.transport``: one program each, same topic, same decode, best settings stated."""
