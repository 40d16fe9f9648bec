"""What the embedded Kafka is told."""

from dataclasses import replace
from pathlib import Path

from huizhen.cli.kafka_server import KafkaServer, format_command, properties_text, server_properties, start_command
from huizhen.schemas.topics import RECORD_MAX

SERVER = KafkaServer(Path("/j/java"), Path("/jars"), Path("/l.properties"), Path("/s/kafka"), 9092, 12001, 384)


def test_it_listens_on_loopback_only() -> None:
    settings = server_properties(SERVER)
    places = [place.split("://")[1] for place in settings["listeners"].split(",")]
    assert places == ["127.0.0.1:9092", "127.0.0.1:12001"]
    assert settings["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9092"
    assert SERVER.bootstrap == "127.0.0.1:9092"


def test_topics_are_never_made_by_accident() -> None:
    assert server_properties(SERVER)["auto.create.topics.enable"] == "false"


def test_the_largest_record_of_the_table_fits() -> None:
    assert int(server_properties(SERVER)["message.max.bytes"]) > RECORD_MAX


def test_the_heap_is_bounded() -> None:
    assert "-Xmx384m" in start_command(SERVER)
    assert start_command(SERVER)[-2:] == ["kafka.Kafka", "/s/kafka/server.properties"]
    assert "-Xms128m" in start_command(replace(SERVER, heap_mib=1024))


def test_formatting_leaves_a_formatted_folder_alone() -> None:
    command = format_command(SERVER, "id")
    assert "--ignore-formatted" in command
    assert "--cluster-id=id" in command  # one word, as an id may begin with a hyphen


def test_settings_become_lines() -> None:
    assert properties_text({"a": "1", "b": "x,y"}) == "a=1\nb=x,y\n"
