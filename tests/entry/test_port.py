import socket

import pytest

from kashu.entry import serve
from kashu.entry.serve import PortTaken, check_port
from kashu.entry.settings import Settings


def test_a_port_that_somebody_listens_on_is_refused_by_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serve, "PORT_WAIT_S", 0.1)
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as our processes do
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            check_port(Settings(port=port))
    check_port(Settings(port=port))
