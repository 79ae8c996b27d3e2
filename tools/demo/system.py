"""The system under demonstration: authority, services, devices, on loopback."""

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import time

from processes import DemoError, free_port, port_is_free, run

ROOT = os.environ.get("CAI_ROOT") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(ROOT, "build/host/bin")
CAI = os.path.join(BIN, "cai")
PORT_NAMES = ("bootstrap", "broker", "dashboard")
DEFAULT_PORTS = {"bootstrap": 18880, "broker": 18881, "dashboard": 18882}


class System:
    def __init__(self, state, boards, say):
        self.state = state
        self.boards = boards
        self.say = say
        self.ports = {}

    def path(self, *parts):
        return os.path.join(self.state, *parts)

    def cai(self, *args, what=None, hint=""):
        command = [CAI, *args, "--state", self.state]
        return run(command, what or "cai " + " ".join(args[:2]), hint)

    # -- before anything starts -----------------------------------------------

    def open(self, fresh):
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        if fresh and os.listdir(self.state) and not os.path.exists(self.path("demo.lock")):
            raise DemoError(f"--fresh empties the state folder, and {self.state} is not a demo's",
                            "name another --state DIR, or empty it yourself")
        self.lock = open(self.path("demo.lock"), "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoError("another demo runs on this state folder",
                            "stop it, or use --state DIR") from None
        if fresh:
            for name in os.listdir(self.state):
                if name == "demo.lock":
                    continue
                path = self.path(name)
                shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        os.makedirs(self.path("logs"), mode=0o700, exist_ok=True)

    def choose_ports(self):
        file = self.path("ports.json")
        try:
            with open(file) as saved:
                self.ports = {name: int(port) for name, port in json.load(saved).items()}
            if sorted(self.ports) != sorted(PORT_NAMES):
                raise ValueError("wrong names")
        except FileNotFoundError:
            self.ports = {n: p if port_is_free(p) else free_port()
                          for n, p in DEFAULT_PORTS.items()}
            self.save_ports()
        except (ValueError, TypeError, AttributeError, OSError) as why:
            raise DemoError(f"the state folder is damaged: ports.json: {why}",
                            "./run demo --fresh begins anew") from None
        for name, port in self.ports.items():
            if not port_is_free(port):
                raise DemoError(f"port {port} for the {name} is in use",
                                f"stop what uses it, or ./run demo --port {name}=N")

    def save_ports(self):
        temporary = self.path("ports.json.new")
        with open(temporary, "w") as out:
            json.dump(self.ports, out)
        os.replace(temporary, self.path("ports.json"))

    def set_port(self, setting):
        name, _, value = setting.partition("=")
        if name not in PORT_NAMES or not value.isdigit() or not 0 < int(value) < 65536:
            raise DemoError(f"--port {setting}: not understood",
                            "--port bootstrap=N, broker=N or dashboard=N")
        file = self.path("ports.json")
        ports = dict(DEFAULT_PORTS)
        if os.path.exists(file):
            with open(file) as saved:
                ports.update(json.load(saved))
        ports[name] = int(value)
        self.ports = ports
        self.save_ports()

    # -- authority, services ----------------------------------------------------

    def make_authority(self):
        self.cai("ca", "init", hint="./run demo --fresh begins anew")
        self.cai("service", "init", hint="./run demo --fresh begins anew")
        self.cai("broker", "config", "--port", str(self.ports["broker"]))
        os.makedirs(self.path("image-keys"), mode=0o700, exist_ok=True)
        for world in ("secure", "nonsecure"):
            key = self.path("image-keys", world + ".key")
            if not os.path.exists(key):
                run([CAI, "image", "keygen", "--out", key], "making an image key")

    def start_services(self, processes):
        state = ["--state", self.state]
        processes.start("bootstrap", [os.path.join(BIN, "cai-bootstrap"), *state,
                                      "--port", str(self.ports["bootstrap"]),
                                      "--broker-port", str(self.ports["broker"])])
        processes.start("broker", [broker_program(), "-c", self.path("broker/mosquitto.conf")])
        for name in ("bootstrap", "broker"):
            processes.wait_port(self.ports[name])
        processes.start("ingest", [os.path.join(BIN, "cai-ingest"), *state,
                                   "--broker-port", str(self.ports["broker"])])
        processes.start("dashboard", [os.path.join(BIN, "cai-dashboard"), *state,
                                      "--port", str(self.ports["dashboard"])])
        processes.wait_port(self.ports["dashboard"])

    # -- devices --------------------------------------------------------------

    def make_device(self, board):
        if not os.path.exists(self.path("devices", board, "device.toml")):
            # A registry that knows the name is left over from a make that was killed.
            self.cai("device", "make", board, "--board", board, "--replace")
            self.say(f"made {board}: its HUK, OTP and endorsement")
        self.cai("device", "config", board, "--bootstrap-port", str(self.ports["bootstrap"]),
                 "--broker-port", str(self.ports["broker"]))
        self.install_images(board)

    def install_images(self, board):
        """Signs and installs, unless the slots hold just these images."""
        images = os.path.join(ROOT, f"build/device-{board}/images")
        digest = hashlib.sha256(read(os.path.join(images, "boot.elf")))
        for world in ("secure", "nonsecure"):
            digest.update(read(os.path.join(images, world + ".bin")))
            digest.update(read(self.path("image-keys", world + ".key")))
        mark = self.path("devices", board, "installed")
        if os.path.exists(mark) and read(mark).decode() == digest.hexdigest():
            return
        # Each build counts as newer than what is there, or the device would keep that.
        version = f"1.0.0+{int(time.time())}"
        signed = {}
        for world in ("secure", "nonsecure"):
            signed[world] = self.path("devices", board, world + ".img")
            run([CAI, "image", "sign", os.path.join(images, world + ".bin"), "--board", board,
                 "--world", world, "--key", self.path("image-keys", world + ".key"),
                 "--version", version, "--out", signed[world]], f"signing {board}'s {world} image")
        self.cai("device", "install", board, "--secure", signed["secure"],
                 "--nonsecure", signed["nonsecure"], "--confirm")
        self.add_references(board, images, signed)
        with open(mark + ".new", "w") as out:
            out.write(digest.hexdigest())
        os.replace(mark + ".new", mark)
        self.say(f"installed signed images on {board}")

    def add_references(self, board, images, signed):
        """What this device will measure counts as known from here on."""
        values = self.path("devices", board, "references.json")
        run(["/usr/bin/python3", os.path.join(ROOT, "tools/references.py"),
             "--boot", os.path.join(images, "boot.elf"),
             "--secure-elf", os.path.join(images, "secure.elf"),
             "--models", os.path.join(ROOT, "models/manifest.json"),
             "--image", "SPE=" + signed["secure"], "--image", "NSPE=" + signed["nonsecure"],
             "--out", values], "computing reference values")
        self.cai("reference", "add", values)

    def start_device(self, processes, board):
        boot = os.path.join(ROOT, f"build/device-{board}/images/boot.elf")
        processes.start("device-" + board, [CAI, "device", "run", board, "--boot", boot,
                                            "--state", self.state])

    def set_sensors(self, processes, board):
        """A machine at rest; the emulated sensors start at zero."""
        deadline = time.monotonic() + 15
        while True:
            processes.check()
            try:
                return self.cai("demo", "sensor", board, "temperature=22", "field=0.4")
            except DemoError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    # -- what came of it --------------------------------------------------------

    def database(self, *name):
        path = self.path(*name)
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        connection.row_factory = sqlite3.Row
        return connection


def broker_program():
    for path in ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"):
        if os.path.exists(path):
            return path
    found = shutil.which("mosquitto")
    if not found:
        raise DemoError("mosquitto is not installed", "./run setup installs what is missing")
    return found


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise DemoError(f"{os.path.relpath(path, ROOT)} is missing", "./run setup builds it") from None
