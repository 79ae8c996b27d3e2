"""./run demo: the whole system on this machine, until Ctrl-C.

Set-up (packages, build) happened before; this makes the authority and the
devices, starts everything, and shows verified readings as they arrive.
"""

import argparse
import json
import os
import signal
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from processes import DemoError, Processes, tail  # noqa: E402
from system import ROOT, System  # noqa: E402

BOARDS = ("an521", "an547")
ENOUGH = 20  # verified readings from each board, with --once
PATIENCE = 90  # seconds without a reading of one board before --once gives up


def arguments():
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__.split("\n\n")[1])
    parser.add_argument("--once", action="store_true",
                        help=f"end after {ENOUGH} verified readings from each board")
    parser.add_argument("--json", metavar="FILE", help="write a summary (with --once)")
    parser.add_argument("--board", choices=BOARDS, help="run one board only")
    parser.add_argument("--fresh", action="store_true", help="forget the devices and begin anew")
    parser.add_argument("--state", metavar="DIR", help="state folder (build/demo/state)")
    parser.add_argument("--port", metavar="NAME=N", action="append", default=[],
                        help="bootstrap=N, broker=N or dashboard=N")
    return parser.parse_args()


def say(text):
    print(text, flush=True)


class Watch:
    """Follows readings.db: what is new since this start, by device."""

    def __init__(self, system, uuids):
        self.system = system
        self.boards = {uuid: board for board, uuid in uuids.items()}
        self.counts = {board: 0 for board in uuids}
        self.refused = {board: 0 for board in uuids}
        self.last_id = self._highest("readings")
        self.first_refusal = self._highest("refusals")
        self.first_at = None

    def _highest(self, table):
        try:
            with self.system.database("ingest", "readings.db") as db:
                return db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]
        except sqlite3.Error:
            return 0

    def poll(self):
        try:
            with self.system.database("ingest", "readings.db") as db:
                rows = db.execute("SELECT * FROM readings WHERE id > ? ORDER BY id",
                                  (self.last_id,)).fetchall()
                refused = db.execute("SELECT device, count(*) AS n FROM refusals WHERE id > ? "
                                     "GROUP BY device", (self.first_refusal,)).fetchall()
        except sqlite3.Error:
            return []
        for row in refused:
            board = self.boards.get(row["device"])
            if board:
                self.refused[board] = row["n"]
        mine = [row for row in rows if row["device"] in self.boards]
        for row in mine:
            self.counts[self.boards[row["device"]]] += row["status"] == "attested"
        if rows:
            self.last_id = rows[-1]["id"]
        if mine and self.first_at is None:
            self.first_at = time.time()
        return mine

    def line(self, row):
        inputs = ", ".join(f"{v / 1000:g}" for v in json.loads(row["inputs"]))
        return (f"{self.boards[row['device']]}  #{row['number']:<5} {row['model']} {row['model_version']}"
                f"  ({inputs}) -> {row['label'] or row['output'].hex()}"
                f"  token {row['token_id'].hex()[:8]}  {row['status']}")


def certificate_serials(system, uuid):
    with system.database("registry.db") as db:
        rows = db.execute("SELECT serial FROM certificates WHERE uuid = ? AND status = 'valid' "
                          "ORDER BY issued, purpose DESC", (uuid,)).fetchall()
    return [row["serial"] for row in rows]


def device_uuid(system, board):
    for line in open(system.path("devices", board, "device.toml")):
        if line.startswith("uuid"):
            return line.split('"')[1]
    raise DemoError(f"the state folder is damaged: {board}/device.toml names no uuid",
                    "./run demo --fresh begins anew")


def summary(system, watch, uuids, start, cold):
    return {
        "boards": [{"board": board, "uuid": uuid,
                    "certificate_serials": certificate_serials(system, uuid),
                    "readings": watch.counts[board], "refused": watch.refused[board]}
                   for board, uuid in uuids.items()],
        "seconds_to_first_reading": round(watch.first_at - start, 1),
        "cold": cold,
    }


def write_json(path, value):
    with open(path + ".new", "w") as out:
        json.dump(value, out, indent=2)
        out.write("\n")
    os.replace(path + ".new", path)


class SecureLog:
    """The decoded secure events of a device, as `cai device run` prints them."""

    def __init__(self, system, board):
        self.board = board
        self.file = open(system.path("logs", f"device-{board}.log"), errors="replace")

    def check(self):
        for line in self.file:
            if " ERROR" in line:
                raise DemoError(f"{self.board} reports: {' '.join(line.split())}",
                                f"./run cai device log {self.board} has the whole story")


def give_up(system, watch):
    """--once has waited long enough: say who is silent, and its last words."""
    silent = [board for board, count in watch.counts.items() if count < ENOUGH][0]
    words = tail(system.path("devices", silent, "uart0.log"), 2)
    raise DemoError(f"{silent} delivered {watch.counts[silent]} verified readings in {PATIENCE} s; it said:\n  {words}",
                    f"./run cai device log {silent}; the services' logs are in {system.path('logs')}")


def follow(processes, system, watch, once):
    began = time.monotonic()
    logs = [SecureLog(system, board) for board in system.boards]
    while True:
        for row in watch.poll():
            say(watch.line(row))
        if once and all(n >= ENOUGH for n in watch.counts.values()):
            return
        if once and time.monotonic() - began > PATIENCE:
            give_up(system, watch)
        processes.check()
        for log in logs:
            log.check()
        time.sleep(0.1)


def banner(system):
    say(f"""
dashboard   http://127.0.0.1:{system.ports['dashboard']}/
readings    ./run cai readings --follow
sensor      ./run cai demo sensor temperature=72.5
device      ./run cai device log an521      ./run cai device shell an521
Ctrl-C stops everything that was started here.
""")


def demo(options, processes, system):
    start = float(os.environ.get("CAI_DEMO_START", time.time()))
    cold = os.environ.get("CAI_DEMO_COLD") == "1"
    for setting in options.port:
        system.set_port(setting)
    system.choose_ports()
    system.make_authority()
    system.start_services(processes)
    say("services run: certificate authority and bootstrap, broker, ingest, dashboard")
    for board in system.boards:
        system.make_device(board)
    uuids = {board: device_uuid(system, board) for board in system.boards}
    watch = Watch(system, uuids)
    for board in system.boards:
        system.start_device(processes, board)
        say(f"{board} boots: {uuids[board]}")
    for board in system.boards:
        system.set_sensors(processes, board)
    banner(system)
    follow(processes, system, watch, options.once)
    if options.json:
        write_json(options.json, summary(system, watch, uuids, start, cold))


def main():
    options = arguments()
    # ./run changes folder; a relative name means the one the person is in.
    here = os.environ.get("CAI_CWD", os.getcwd())
    if options.json:
        options.json = os.path.join(here, options.json)
    if options.state:
        options.state = os.path.join(here, options.state)
    state = os.path.abspath(options.state or os.environ.get("CAI_STATE")
                            or os.path.join(ROOT, "build/demo/state"))
    # Also where a shell started us in the background, with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    system = System(state, [options.board] if options.board else list(BOARDS), say)
    processes = None
    try:
        system.open(options.fresh)
        processes = Processes(system.path("logs"))
        demo(options, processes, system)
        return 0
    except DemoError as why:
        print(f"error: {why}", file=sys.stderr)
        if why.hint:
            print(f"hint: {why.hint}", file=sys.stderr)
        return 1
    except OSError as why:
        print(f"error: {why}", file=sys.stderr)
        print("hint: free some disk space, check the owner of the state folder, or take another --state DIR",
              file=sys.stderr)
        return 1
    except (sqlite3.Error, ValueError, IndexError) as why:
        print(f"error: the state folder is damaged: {why}", file=sys.stderr)
        print("hint: ./run demo --fresh begins anew", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nstopping")
        return 0 if not options.once else 130
    finally:
        # A second Ctrl-C must not leave half of them running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if processes:
            processes.stop()


if __name__ == "__main__":
    sys.exit(main())
