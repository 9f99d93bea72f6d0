"""A voice of this machine that really speaks, into a recorder instead of a loudspeaker: by Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PACKAGES = "espeak-ng speech-dispatcher speech-dispatcher-espeak-ng pulseaudio pulseaudio-utils"
PROGRAMS = ("espeak-ng", "speech-dispatcher", "pulseaudio", "pactl", "parec")
MODULES = (
    Path("/usr/lib/speech-dispatcher-modules/sd_espeak-ng"),
    Path("/usr/libexec/speech-dispatcher-modules/sd_espeak-ng"),
)
SWITCHES = ("--enable-speech-dispatcher",)
RATE_HZ = 22_050
SETTINGS = """\
LogDir "{folder}"
LogLevel 2
CommunicationMethod "unix_socket"
AudioOutputMethod "pulse"
AudioPulseServer "unix:{folder}/sound"
AddModule "espeak-ng" "sd_espeak-ng" "espeak-ng.conf"
DefaultModule espeak-ng
DefaultLanguage "en"
"""


def missing() -> str:
    """What has to be installed before anything can speak; empty where all of it is there."""
    lacking = [name for name in PROGRAMS if not shutil.which(name)]
    if not any(path.exists() for path in MODULES):
        lacking.append("speech-dispatcher's module for espeak-ng")
    return f"not here: {', '.join(lacking)} (Debian: apt-get install {PACKAGES})" if lacking else ""


@dataclass(frozen=True)
class Heard:
    """What came out: one channel, heights from -1 to 1, `RATE_HZ` of them a second."""

    heights: np.ndarray

    @property
    def seconds(self) -> float:
        """How long was recorded."""
        return len(self.heights) / RATE_HZ

    @property
    def rms(self) -> float:
        """The root of the mean square: 0 is silence."""
        return float(np.sqrt(np.mean(self.heights**2)))

    def louder(self, than: float = 0.01, gap_s: float = 0.35) -> list[tuple[float, float]]:
        """The stretches in which something sounds, in s from the beginning; `gap_s` of silence parts two of them."""
        frame = RATE_HZ // 50
        whole = self.heights[: len(self.heights) // frame * frame].reshape(-1, frame)
        loud = np.flatnonzero(np.sqrt(np.mean(whole**2, axis=1)) > than) / 50
        stretches: list[tuple[float, float]] = []
        for at in loud.tolist():
            if stretches and at - stretches[-1][1] < gap_s:
                stretches[-1] = (stretches[-1][0], at + 0.02)
            else:
                stretches.append((at, at + 0.02))
        return stretches


class Voice:
    """A sound server that ends in nothing, and a speech server that speaks into it, each of our own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    @contextmanager
    def recorded(self, path: Path) -> Iterator[Callable[[], Heard]]:
        """Records all that is said into a WAVE file; what is given back ends the recording and reads it."""
        command = ("parec", "--device=heard.monitor", "--file-format=wav", "--channels=1", f"--rate={RATE_HZ}")
        recorder = subprocess.Popen([*command, str(path)], env=self.environment, stdin=subprocess.DEVNULL)

        def stop() -> Heard:
            recorder.terminate()
            recorder.wait(timeout=20)
            with wave.open(str(path)) as file:
                assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
                samples = file.readframes(file.getnframes())
            return Heard(np.frombuffer(samples, dtype="<i2").astype(float) / 32_768)

        try:
            _until(lambda: path.exists() and path.stat().st_size > 44, "nothing is recorded")
            yield stop
        finally:
            recorder.terminate()
            recorder.wait(timeout=20)


@contextmanager
def speaking(folder: Path) -> Iterator[Voice]:
    """A voice for whatever is started with its environment; both servers are ended at the end."""
    folder.chmod(0o700)
    (folder / "modules").mkdir()
    (folder / "speechd.conf").write_text(SETTINGS.format(folder=folder), encoding="utf-8")
    (folder / "modules" / "espeak-ng.conf").write_text("Debug 0\n", encoding="utf-8")
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "PULSE_SERVER": f"unix:{folder}/sound",
        "SPEECHD_ADDRESS": f"unix_socket:{folder}/speech",
    }
    sound = (
        *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
        *("-L", f"module-null-sink sink_name=heard rate={RATE_HZ} channels=1 format=s16le"),
        *("-L", f"module-native-protocol-unix auth-anonymous=1 socket={folder}/sound"),
    )
    speech = (
        *("speech-dispatcher", "--run-single", "--timeout", "0", "--communication-method", "unix_socket"),
        *("--socket-path", f"{folder}/speech", "--config-dir", str(folder), "--log-dir", str(folder)),
        *("--pid-file", f"{folder}/speech.pid"),
    )
    started: list[subprocess.Popen[bytes]] = []
    try:
        with (folder / "servers.log").open("ab") as log:
            for command, socket in ((sound, folder / "sound"), (speech, folder / "speech")):
                started.append(
                    subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
                )
                _until(socket.exists, f"{command[0]} does not answer; see {folder / 'servers.log'}")
        yield Voice(folder, environment)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=20)


def _until(is_so: Callable[[], bool], otherwise: str, within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)
