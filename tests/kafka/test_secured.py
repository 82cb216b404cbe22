"""Workers, verbs and publishers over a port that wants a certificate and over one that wants a password."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from streams.cli.main import main
from streams.config import Feed, Format, Settings
from streams.connection import PASSWORD, VARIABLES, client_options
from streams.deployment import Deployment
from streams.embedded import EmbeddedBroker
from streams.embedded.secure import SecureListeners
from streams.embedded.settings import free_ports
from streams.partitioning import Owners
from streams.publisher.sender import Sender
from streams.publisher.zones import publish_zones
from tests.kafka.certificates import Authority
from tests.kafka.fold_rig import wait_until
from tests.property import worlds

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.timeout(120),
    # asyncio leaves the transport of a refused handshake to the collector, which finds it in any later test.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <function _SelectorTransport:pytest.PytestUnraisableExceptionWarning"
    ),
]
SETTINGS = Settings((Feed("acme", "json", Format.JSON),), Owners(1))


class Secured(NamedTuple):
    """A broker with two secured ports, and who may use them."""

    mtls: str
    scram: str
    ours: Authority
    foreign: Authority

    def with_certificate(self, name: str, authority: Authority | None = None) -> dict[str, str]:
        """The environment of a principal with a certificate."""
        certificate, key = (authority or self.ours).issue(name)
        return {
            VARIABLES["tls_ca"]: str(self.ours.certificate),
            VARIABLES["tls_certificate"]: str(certificate),
            VARIABLES["tls_key"]: str(key),
        }

    def with_password(self, name: str, password: str) -> dict[str, str]:
        """The environment of a principal with a password."""
        return {
            VARIABLES["tls_ca"]: str(self.ours.certificate),
            VARIABLES["sasl_username"]: name,
            PASSWORD: password,
        }


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """One broker for the module; ``vedette`` may do everything, ``guest`` may only see topics."""
    directory = tmp_path_factory.mktemp("certificates")
    ours, foreign = Authority(directory / "ours", "ours"), Authority(directory / "foreign", "foreign")
    mtls, scram = free_ports()
    listeners = SecureListeners(mtls, scram, ours.issue_in_one_file("broker"), ours.certificate)
    with EmbeddedBroker(listeners=listeners) as broker:
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        users = [
            UserScramCredentialUpsertion(name, ScramMechanism.SCRAM_SHA_512, "secret") for name in ("vedette", "guest")
        ]
        admin.alter_user_scram_credentials(users)
        kinds = {ResourceType.TOPIC: "*", ResourceType.GROUP: "*", ResourceType.CLUSTER: "kafka-cluster"}
        admin.create_acls(
            [
                *(_allow("vedette", ACLOperation.ALL, kind, name) for kind, name in kinds.items()),
                _allow("guest", ACLOperation.DESCRIBE, ResourceType.TOPIC, "*"),
                _allow("guest", ACLOperation.READ, ResourceType.TOPIC, "*"),
            ]
        )
        admin.close()
        yield Secured(f"127.0.0.1:{mtls}", f"127.0.0.1:{scram}", ours, foreign)


def _allow(principal: str, operation: ACLOperation, kind: ResourceType, name: str) -> ACL:
    pattern = ResourcePattern(kind, name, ACLResourcePatternType.LITERAL)
    return ACL(f"User:{principal}", "*", operation, ACLPermissionType.ALLOW, pattern)


def _enter(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def _said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(words)
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


@pytest.mark.parametrize("way", ["certificate", "password"])
def test_from_a_report_to_an_alert(
    secured: Secured, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Topics, zones, events, every stage and the desk's verbs go through the secured port, and nothing else."""
    bootstrap = secured.mtls if way == "certificate" else secured.scram
    who = secured.with_certificate("vedette") if way == "certificate" else secured.with_password("vedette", "secret")
    _enter(monkeypatch, who)
    reports = worlds.wander(5 if way == "certificate" else 6, vessels=6, reports=20)
    with Deployment(
        bootstrap, SETTINGS, tmp_path, {"all": ("ingest", "surveil", "alert", "dispatch", "gateway")}
    ) as run:
        consumer = KafkaConsumer(**client_options(bootstrap))
        before = _end(consumer, "alerts.v1")
        publish_zones(worlds.feature_collection(), bootstrap, None)
        run.start()
        with Sender(bootstrap) as sender:
            for report in reports:
                event = worlds.event(report, f"acme-{way}")
                sender.send("raw.acme.json", 0, f"acme-{way}".encode(), event, [("vedette-historical", b"1")])
            sender.flush()
            assert sender.failed == 0
        wait_until(lambda: _end(consumer, "alerts.v1") > before, 60, f"an alert; {(tmp_path / 'all.log').read_text()}")
        consumer.close()
        assert run.workers["all"].restarts == 0
        code, out, err = _said(capsys, "alerts", "--broker", bootstrap, "--json")
        assert code == 0, err
        assert out


def _end(consumer: KafkaConsumer, topic: str) -> int:
    part = TopicPartition(topic, 0)
    return int(consumer.end_offsets([part])[part])


def test_what_stands_in_the_way_is_said_at_once(
    secured: Secured, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong password, a foreign certificate, none, a broker we do not trust: named in seconds, exit code 3."""
    certificate, _ = secured.foreign.issue("stranger")
    cases: tuple[tuple[str, dict[str, str], str], ...] = (
        (secured.scram, secured.with_password("vedette", "wrong"), "password refused"),
        (secured.scram, secured.with_password("nobody", "secret"), "password refused"),
        (secured.mtls, secured.with_certificate("vedette", secured.foreign), "certificate"),
        (secured.mtls, {VARIABLES["tls_ca"]: str(secured.ours.certificate)}, "certificate"),
        (secured.mtls, {VARIABLES["tls_ca"]: str(secured.foreign.certificate)}, "not trusted"),
        (secured.scram, secured.with_certificate("vedette"), "sasl"),
    )
    assert certificate.is_file()
    for bootstrap, environment, expected in cases:
        with monkeypatch.context() as patched:
            _enter(patched, environment)
            begun = time.monotonic()
            code, _, err = _said(capsys, "alerts", "--broker", bootstrap)
            assert code == 3, (expected, err)
            assert expected in err, (expected, err)
            assert time.monotonic() - begun < 10
    code, _, err = _said(capsys, "alerts", "--broker", secured.mtls)  # in the clear on a TLS port
    assert code == 3


def test_missing_rights_are_found_before_a_worker_starts(
    secured: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law: a principal that may not write or join its groups is told each right; Faust would hang without a word."""
    import asyncio

    from streams.engine.probe import probe
    from streams.engine.rights import MissingRights
    from streams.engine.settings import EngineSettings

    with monkeypatch.context() as patched:
        _enter(patched, secured.with_certificate("vedette"))
        with Deployment(secured.mtls, SETTINGS, tmp_path):
            pass
    settings = EngineSettings(broker=secured.scram, instance="w1")
    asked = ["observations.v1"], ["detections.v1"], ["vedette-surveil"]

    async def ask() -> None:
        await probe(settings, asked[0], 5.0, writes=asked[1], groups=asked[2])

    with monkeypatch.context() as patched:
        _enter(patched, secured.with_password("vedette", "secret"))
        asyncio.run(ask())
    _enter(monkeypatch, secured.with_password("guest", "secret"))
    with pytest.raises(MissingRights) as found:
        asyncio.run(ask())
    assert str(found.value) == "WRITE on topic detections.v1; READ on group vedette-surveil"
