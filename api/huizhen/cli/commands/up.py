"""`huizhen up`."""

from pathlib import Path
from typing import Annotated

import typer


def up(
    kafka: Annotated[str | None, typer.Option(metavar="HOST:PORT[,…]", help="Use this Kafka, embed none")] = None,
    kafka_protocol: Annotated[
        str | None, typer.Option(help="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL, for --kafka")
    ] = None,
    kafka_mechanism: Annotated[str | None, typer.Option(help="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")] = None,
    kafka_user: Annotated[
        str | None, typer.Option(help="SASL user; the password comes from HUIZHEN_KAFKA__SASL_PASSWORD")
    ] = None,
    kafka_ca: Annotated[Path | None, typer.Option(help="PEM file of the authorities that sign the brokers")] = None,
    s3: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Use this S3; keys come from HUIZHEN_S3__ACCESS_KEY, __SECRET_KEY"),
    ] = None,
    s3_tls: Annotated[bool | None, typer.Option("--s3-tls/--no-s3-tls", help="Use TLS towards --s3")] = None,
    s3_ca: Annotated[Path | None, typer.Option(help="PEM file of the authorities that sign the S3 server")] = None,
    s3_bucket: Annotated[str | None, typer.Option(help="Bucket of the archive")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the page and the API")] = None,
    kafka_port: Annotated[int | None, typer.Option(help="Port of the embedded Kafka")] = None,
    s3_port: Annotated[int | None, typer.Option(help="Port of the embedded S3")] = None,
) -> None:
    """Run everything on this machine until Ctrl-C or `huizhen down`.

    Kafka and S3 are embedded unless you name your own. All of it listens on loopback only. A part that ends or stops
    answering is started again. A second `up` says what already runs.

    \b
    Examples:
      huizhen up
      huizhen up --port 8090
      huizhen up --kafka broker-1:9092,broker-2:9092 --kafka-protocol SASL_SSL --kafka-user huizhen
      huizhen up --kafka localhost:9092 --s3 s3.example.org:443 --s3-tls
      huizhen --state /srv/huizhen up
    """
    from huizhen.cli.commands.status import lines
    from huizhen.cli.running_io import load_settings
    from huizhen.cli.signin_io import welcome
    from huizhen.cli.up_io import Guests, already, run_up

    settings = load_settings(
        {
            "kafka": {
                "bootstrap": kafka,
                "security_protocol": kafka_protocol,
                "sasl_mechanism": kafka_mechanism,
                "sasl_username": kafka_user,
                "ssl_ca_location": kafka_ca,
            },
            "s3": {"endpoint": s3, "secure": s3_tls, "ca_location": s3_ca, "bucket": s3_bucket},
            "api": {"port": port},
            "up": {"kafka_port": kafka_port, "s3_port": s3_port},
        }
    )
    if (running := already(settings)) is not None:
        typer.echo("\n".join(["Already running:", *lines(running)]))
        raise typer.Exit(0)
    raise typer.Exit(run_up(settings, typer.echo, Guests(welcome=welcome)))
