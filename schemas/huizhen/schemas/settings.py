"""Every setting of every part, in one place; docs/settings.md lists each of them.

Order of precedence: command-line flags (passed as keyword arguments), environment (`HUIZHEN_KAFKA__BOOTSTRAP`), the
TOML file named by `HUIZHEN_CONFIG` (default `huizhen.toml` in the working folder, if it exists), defaults.
"""

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

MIB = 1 << 20
TURN_URL = re.compile(r"(turn:[\w.-]+(:\d{1,5})?(\?transport=(udp|tcp))?|turns:[\w.-]+(:\d{1,5})?\?transport=tcp)")


def _from_text(value: object) -> object:
    """Read a number that the environment can only give as text: pydantic compares literals as they are."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KafkaSettings(_Group):
    """How every part reaches Kafka."""

    bootstrap: str = Field(default="127.0.0.1:9092", description="Kafka bootstrap servers, host:port[,host:port]")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="Kafka security protocol"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512", description="SASL mechanism, used when the protocol is SASL_*"
    )
    sasl_username: str = Field(default="", description="SASL user name")
    sasl_password: SecretStr = Field(default=SecretStr(""), description="SASL password")
    ssl_ca_location: Path | None = Field(default=None, description="PEM file of the authorities that sign the brokers")
    ssl_certificate_location: Path | None = Field(default=None, description="PEM client certificate, for mutual TLS")
    ssl_key_location: Path | None = Field(default=None, description="PEM client key, for mutual TLS")
    partitions: int = Field(
        default=8, ge=1, le=1024, description="Partitions of each frame topic; fixed for a deployment"
    )
    replication_factor: int = Field(default=1, ge=1, le=5, description="Replicas of each topic: 3 in production")
    min_insync_replicas: int = Field(
        default=1, ge=1, le=5, description="Replicas that must confirm a write: 2 in production"
    )
    retention_bytes: int = Field(default=2 << 30, ge=MIB, description="Bytes kept per topic before the oldest go")


class S3Settings(_Group):
    """Where the archive lives: any S3 with conditional writes and SHA-256 checksums."""

    endpoint: str = Field(default="127.0.0.1:8333", description="S3 host:port")
    secure: bool = Field(default=False, description="Use TLS towards S3")
    region: str = Field(default="us-east-1", description="S3 region name")
    bucket: str = Field(default="huizhen", min_length=3, description="Bucket of the archive")
    access_key: SecretStr = Field(default=SecretStr(""), description="S3 access key")
    secret_key: SecretStr = Field(default=SecretStr(""), description="S3 secret key")
    ca_location: Path | None = Field(default=None, description="PEM file of the authorities that sign the S3 server")
    retention: Literal["governance", "compliance", "none"] = Field(
        default="governance", description="Object lock of manifests: who may not delete them; none: everybody may"
    )
    retention_days: int = Field(default=365, ge=1, le=36_500, description="Days a manifest is locked")

    @property
    def locks_manifests(self) -> bool:
        """Say whether manifests stand under a retention lock."""
        return self.retention != "none"


class StationSettings(_Group):
    """Who this capture station is and how much it may keep."""

    alliance: str = Field(default="alliance", description="Alliance id")
    tenant: str = Field(default="clinic", description="Institution id: the tenant")
    campus: str = Field(default="main", description="Campus id")
    room: str = Field(default="room-1", description="Room id")
    station: str = Field(default="station-1", description="Station id")
    journal_max_bytes: int = Field(
        default=2 << 30, ge=MIB, description="Journal size limit; newest frames are refused above it"
    )
    journal_min_free_bytes: int = Field(
        default=1 << 30, ge=0, description="Free disk the journal leaves to the machine"
    )
    journal_max_days: float = Field(
        default=7.0, gt=0, le=365, description="Days after which a segment of the journal goes, delivered or not"
    )
    fsync_interval_ms: int = Field(default=100, ge=1, le=1000, description="Longest time a journalled frame is at risk")
    queue_max_bytes: int = Field(default=32 * MIB, ge=MIB, description="Bytes that may wait in the Kafka client")
    packets_per_frame: Annotated[Literal[0, 1, 5], BeforeValidator(_from_text)] = Field(
        default=0, description="1 or 5 Kafka records per frame; 0 chooses by the link"
    )
    live_deadline_ms: int = Field(
        default=500, ge=50, description="A frame older than this leaves live and goes to backfill"
    )
    withhold_detail_percent: float = Field(
        default=0.0,
        ge=0.0,
        le=100.0,
        description="Detail packets not sent live, to show a thin link (demo and tests only)",
    )
    workers: int = Field(default=1, ge=1, le=16, description="Threads that code the tiles of one frame")


class ProcessorSettings(_Group):
    """The Faust workers."""

    tenants: list[str] = Field(default=["clinic"], description="Tenants whose topics are read")
    group: str = Field(default="huizhen-processors", description="Kafka consumer group")
    instance_id: str = Field(
        default="processor-0", description="Static group member id: stable per worker, unique in the group"
    )
    close_after_ms: int = Field(
        default=100, ge=10, le=5000, description="A silent link closes an open frame after this time"
    )
    release_after_s: float = Field(default=2.0, ge=0.5, description="A silent source holds no offsets after this time")
    stuck_after_s: float = Field(
        default=5.0, ge=1.0, description="Records wait and nothing moves this long: the worker leaves"
    )
    fill: Literal["detail", "zero"] = Field(
        default="detail", description="Fill with the last exact frame's detail, or plainly"
    )
    profiles: Path | None = Field(
        default=None, description="Folder of your own profiles (*.toml), read beside those that come along"
    )


class ArchiveSettings(_Group):
    """The DICOM archive."""

    group: str = Field(default="huizhen-archive", description="Kafka consumer group")
    instance_id: str = Field(default="archive-0", description="Static group member id")
    instance_max_bytes: int = Field(
        default=48 * MIB, ge=MIB, description="Raw pixel bytes of one multi-frame instance at most"
    )
    instance_max_frames: int = Field(
        default=128, ge=1, le=4096, description="Frames of one multi-frame instance at most"
    )
    seal_after_silence_s: float = Field(default=120.0, ge=1.0, description="A silent session is sealed after this time")
    resend_after_s: float = Field(default=2.0, ge=0.1, description="Frames missing this long are asked for again")
    drain_s: float = Field(default=60.0, ge=1.0, description="After the seal, missing frames are waited for this long")
    stuck_after_s: float = Field(
        default=5.0, ge=1.0, description="Records wait and nothing moves this long: the archive leaves"
    )


class ApiSettings(_Group):
    """The API and the page."""

    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on")
    public_url: str = Field(default="", description="Address people open; empty: http://host:port")
    origins: list[str] = Field(default=[], description="Origins allowed besides public_url")
    issuer: str = Field(default="", description="OIDC issuer URL; empty: the local issuer of `huizhen up`")
    audience: str = Field(default="huizhen", description="Audience a bearer token must carry")
    local_issuer_key: Path | None = Field(
        default=None, description="Private key of the local issuer (made by `huizhen up`)"
    )
    alliance: str = Field(default="alliance", description="Alliance id")
    viewers_max: int = Field(default=200, ge=1, description="WebSocket viewers per api process")
    viewer_queue_frames: int = Field(
        default=2, ge=1, le=8, description="Frames waiting per viewer before the oldest is dropped"
    )
    requests_per_minute: int = Field(default=600, ge=1, description="Requests per subject and minute")
    body_max_bytes: int = Field(default=MIB, ge=1024, description="Largest request body")
    upload_max_bytes: int = Field(
        default=64 * MIB, ge=MIB, le=128 * MIB, description="Largest file of a patient that is taken, DICOM or text"
    )


class VideoSettings(_Group):
    """The lossy video that stands in for the live socket (WHEP); see docs/topics/video.md."""

    addresses: list[str] = Field(
        default=[],
        description="Addresses of this machine that viewers are told and reach by UDP; empty: by relay (TURN) alone",
    )
    turn_urls: list[str] = Field(
        default=[],
        description="TURN servers, `turn:host:port?transport=udp` (or tcp), `turns:host:port?transport=tcp`;"
        " the api itself uses the first",
    )
    turn_secret: SecretStr = Field(
        default=SecretStr(""), description="Secret shared with the TURN servers (coturn: static-auth-secret)"
    )
    viewers_max: int = Field(default=50, ge=1, description="Viewers of video per api process")
    encoders_max: int = Field(
        default=4, ge=1, le=64, description="Pictures coded at once: one per watched source, and one masked"
    )
    bitrate_kbps: int = Field(default=2000, ge=100, le=20_000, description="Bits per second of a video, in thousands")

    @field_validator("addresses")
    @classmethod
    def _are_addresses(cls, texts: list[str]) -> list[str]:
        return [str(ipaddress.ip_address(text)) for text in texts]

    @field_validator("turn_urls")
    @classmethod
    def _are_turn(cls, urls: list[str]) -> list[str]:
        for url in urls:
            if not TURN_URL.fullmatch(url):
                raise ValueError(f"{url!r} is no TURN address like turns:turn.example.org:443?transport=tcp")
        return urls

    @model_validator(mode="after")
    def _has_secret(self) -> "VideoSettings":
        if self.turn_urls and not self.turn_secret.get_secret_value():
            raise ValueError("video.turn_urls needs video.turn_secret")
        return self

    @property
    def is_offered(self) -> bool:
        """Say whether viewers have a way to it."""
        return bool(self.addresses or self.turn_urls)


class UpSettings(_Group):
    """What `huizhen up` embeds on one machine."""

    kafka_port: int = Field(default=0, ge=0, le=65535, description="Port of the embedded Kafka; 0: 9092, or a free one")
    s3_port: int = Field(default=0, ge=0, le=55535, description="Port of the embedded S3; 0: 8333, or a free one")
    kafka_heap_mib: int = Field(default=384, ge=192, le=16384, description="Heap of the embedded Kafka in MiB")
    cache: Path = Field(
        default=Path("~/.cache/huizhen"), description="Folder for Kafka's jars, shared by all state folders"
    )


class Settings(BaseSettings):
    """All settings of a deployment."""

    model_config = SettingsConfigDict(
        env_prefix="HUIZHEN_", env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    state: Path = Field(
        default=Path("state"), description="Folder for everything a machine keeps: journals, logs, secrets"
    )
    kafka: KafkaSettings = KafkaSettings()
    s3: S3Settings = S3Settings()
    station: StationSettings = StationSettings()
    processor: ProcessorSettings = ProcessorSettings()
    archive: ArchiveSettings = ArchiveSettings()
    api: ApiSettings = ApiSettings()
    video: VideoSettings = VideoSettings()
    up: UpSettings = UpSettings()
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Loopback port of /metrics and /healthz of a part; 0: free"
    )
    metrics_host: str = Field(default="127.0.0.1", description="Address of /metrics and /healthz of a part")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Lowest level that is logged"
    )
    disk_min_free_bytes: int = Field(
        default=2 << 30, ge=0, description="Free disk below which parts stop accepting data"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then environment, then the TOML file."""
        file = Path(os.environ.get("HUIZHEN_CONFIG", "huizhen.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


def kafka_client_config(kafka: KafkaSettings) -> dict[str, str]:
    """Give the librdkafka configuration (confluent-kafka) that reaches the brokers; secrets are in the clear."""
    config = {"bootstrap.servers": kafka.bootstrap, "security.protocol": kafka.security_protocol}
    if kafka.security_protocol.startswith("SASL"):
        config |= {
            "sasl.mechanism": kafka.sasl_mechanism,
            "sasl.username": kafka.sasl_username,
            "sasl.password": kafka.sasl_password.get_secret_value(),
        }
    paths = {
        "ssl.ca.location": kafka.ssl_ca_location,
        "ssl.certificate.location": kafka.ssl_certificate_location,
        "ssl.key.location": kafka.ssl_key_location,
    }
    return config | {name: str(path) for name, path in paths.items() if path is not None}
