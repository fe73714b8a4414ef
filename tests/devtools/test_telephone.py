"""The telephone of tests, called: what it tells of a call is not what became of the one before."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from devtools.site import SECRET_KEY
from devtools.telephone.free_ports import free_block
from devtools.telephone.heard import ClipBook
from devtools.telephone.telephone import Telephone
from settings import Settings
from tests.calls.bare_telephone import BareTelephone

pytestmark = pytest.mark.calls


def test_a_call_that_was_given_up_does_not_end_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").touch()
    port = free_block(2)
    settings = Settings(home=tmp_path, secret_key=SECRET_KEY, sip_port=port)
    with Telephone(settings.inbound_number, "", ClipBook(tmp_path), port=port) as telephone:
        with BareTelephone(settings, "0888000051") as impatient:
            impatient.invite()
            impatient.wait_for("180")
            impatient.cancel()
            assert telephone.wait_for_end(5)
        assert not telephone.wait_for_ring(0.1)
        with BareTelephone(settings, "0888000052") as patient, ThreadPoolExecutor(1) as line:
            calling = line.submit(patient.call)
            telephone.answer()
            calling.result(timeout=10)
            assert not telephone.wait_for_end(1)
            telephone.hang_up()
            patient.wait_for_end()
            assert telephone.wait_for_end(5)
