"""``docs/reference/metrics.md`` names every metric with its type and labels."""

from streams.metrics import Metrics
from tests.docs.pages import rows


def test_every_metric_is_on_the_page() -> None:
    """Law: the page's metrics are exactly those registered, with their types and labels."""
    metrics = Metrics()
    registered = {collector for collector in vars(metrics).values() if hasattr(collector, "_labelnames")}
    wanted = {c._name: [c._type, ", ".join(c._labelnames)] for c in registered}
    assert {family.name for family in metrics.registry.collect()} == set(wanted)
    told = {key: cells[:2] for key, cells in rows("reference/metrics.md").items() if key.startswith("vedette_")}
    assert told == wanted
