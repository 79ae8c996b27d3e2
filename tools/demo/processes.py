"""Child processes that end with us: started, watched, stopped in reverse order."""

import ctypes
import os
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class DemoError(Exception):
    """What went wrong, and what a person can do about it."""

    def __init__(self, message, hint=""):
        super().__init__(message)
        self.hint = hint


def _die_with_parent():
    # A killed demo must not leave services behind; Ctrl-C reaches us alone.
    os.setsid()
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def tail(path, lines=4):
    try:
        with open(path, errors="replace") as file:
            kept = [line.rstrip() for line in file if line.strip()][-lines:]
    except OSError:
        return ""
    return "\n  ".join(kept)


class Processes:
    def __init__(self, log_dir):
        self.log_dir = log_dir
        self.children = []  # (name, Popen, log path)

    def start(self, name, command, env=None):
        log = os.path.join(self.log_dir, name + ".log")
        # Appending, because the services append to the same file themselves.
        with open(log, "a") as out:
            out.truncate(0)
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                preexec_fn=_die_with_parent, env=env)
        self.children.append((name, process, log))
        return process

    def check(self):
        for name, process, log in self.children:
            if process.poll() is not None:
                raise DemoError(
                    f"{name} ended with code {process.returncode}:\n  {tail(log)}",
                    f"the whole log is {log}")

    def wait_port(self, port, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise DemoError(f"nothing listens on port {port} after {seconds} s")

    def stop(self):
        for _, process, _ in reversed(self.children):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + 8
        for _, process, _ in reversed(self.children):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.children.clear()


def run(command, what, hint="", env=None):
    """One command to its end; its own error line becomes ours."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, env=env)
    if done.returncode == 0:
        return done.stdout
    lines = (done.stderr or done.stdout).strip().splitlines()
    error = next((l[7:] for l in lines if l.startswith("error: ")), lines[-1] if lines else "")
    said = next((l[6:] for l in lines if l.startswith("hint: ")), hint)
    raise DemoError(f"{what}: {error}", said)


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
