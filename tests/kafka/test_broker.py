"""The session's broker answers."""

import pytest
from kafka.admin import KafkaAdminClient

pytestmark = pytest.mark.kafka


def test_session_broker_answers(broker: str) -> None:
    """Law: the broker a test is given answers the admin client, whoever started it."""
    admin = KafkaAdminClient(bootstrap_servers=broker)
    try:
        assert admin.describe_cluster()["brokers"]
    finally:
        admin.close()
