"""What is read from Kafka's own files."""

import base64

from huizhen.cli.kafka_io import cluster_id, cluster_of


def test_the_cluster_id_stands_in_meta_properties() -> None:
    assert cluster_of("#\n#Wed Nov 25\nnode.id=1\ncluster.id=abc_DEF-123\nversion=1\n") == "abc_DEF-123"
    assert cluster_of("node.id=1\n") == ""


def test_a_new_cluster_id_is_a_uuid_in_url_safe_base64() -> None:
    assert len(base64.urlsafe_b64decode(cluster_id() + "==")) == 16
    assert cluster_id() != cluster_id()
