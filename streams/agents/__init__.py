"""The stages as Faust agents, by name: ``vedette worker --agents ingest,surveil`` runs any set of them."""

from streams.agents import alert, dispatch, gateway, ingest, surveil

AGENTS = {
    "ingest": ingest.spec,
    "surveil": surveil.spec,
    "alert": alert.spec,
    "dispatch": dispatch.spec,
    "gateway": gateway.spec,
}
