"""Whether a directory is served is known of living processes alone: a killed one held it as long as it lived."""

import signal
import subprocess
import sys
from pathlib import Path

from router.serving.held_open import nobody_serves, serving_here

CODE = """
import sys, time
from pathlib import Path
from router.serving.held_open import serving_here
with serving_here(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_any_number_serve_and_it_is_free_after_the_last(tmp_path: Path) -> None:
    assert nobody_serves(tmp_path)
    with serving_here(tmp_path):
        with serving_here(tmp_path):
            assert not nobody_serves(tmp_path)
        assert not nobody_serves(tmp_path)
    assert nobody_serves(tmp_path)


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", CODE, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert not nobody_serves(tmp_path)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert nobody_serves(tmp_path)
