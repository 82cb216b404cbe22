"""Every Kafka topic as code: what it holds, and making a broker hold exactly that."""

from streams.topics.admin import Difference, TopicMismatch, apply, diff
from streams.topics.catalogue import Cleanup, Topic, Visibility, catalogue

__all__ = ["Cleanup", "Difference", "Topic", "TopicMismatch", "Visibility", "apply", "catalogue", "diff"]
