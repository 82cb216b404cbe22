"""The engine: hosts cores in Faust agents on Kafka. Nothing outside this package knows Faust's internals."""
