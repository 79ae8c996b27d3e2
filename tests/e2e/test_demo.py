"""What a person sees: readings, the page, a sensor that changes, a clean end."""

import json
import re
import subprocess
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from system import BOARDS, cai, demo_once, eventually, rows


def test_once_brings_twenty_verified_readings_from_each_board(made):
    _, summary = made
    assert [b["board"] for b in summary["boards"]] == list(BOARDS)
    for board in summary["boards"]:
        assert board["readings"] >= 20
        assert board["refused"] == 0
        assert len(board["certificate_serials"]) == 2
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", board["uuid"])
    assert summary["seconds_to_first_reading"] > 0


def test_two_devices_have_nothing_in_common(made):
    _, summary = made
    first, second = summary["boards"]
    assert first["uuid"] != second["uuid"]
    assert not set(first["certificate_serials"]) & set(second["certificate_serials"])


def test_every_stored_reading_is_attested_and_names_its_model(made):
    state, _ = made
    stored = rows(state, "SELECT * FROM readings")
    assert {r["status"] for r in stored} == {"attested"}
    assert all(len(r["model_hash"]) == 32 and len(r["token_id"]) == 32 for r in stored)
    assert len({r["model"] for r in stored}) == 2


def test_a_warm_start_keeps_devices_and_certificates_and_is_quick(made, tmp_path):
    state, before = made
    start = time.monotonic()
    done = demo_once(state, "--json", tmp_path / "again.json")
    seconds = time.monotonic() - start
    assert done.returncode == 0, done.stdout + done.stderr
    again = json.loads((tmp_path / "again.json").read_text())
    for a, b in zip(before["boards"], again["boards"]):
        assert (a["uuid"], a["certificate_serials"]) == (b["uuid"], b["certificate_serials"])
    print(f"warm start to the 20th reading of both boards: {seconds:.1f} s")


def test_a_changed_sensor_changes_what_the_model_says(running):
    def labels_since(row):
        return [r["label"] for r in rows(running.state, "SELECT label FROM readings WHERE id > ? AND label IS NOT NULL", row)]

    newest = lambda: rows(running.state, "SELECT max(id) AS n FROM readings")[0]["n"]
    cai(running.state, "demo", "sensor", "temperature=22", "field=0.4")
    eventually("normal", 8, lambda: labels_since(newest() - 4)[-2:] == ["normal", "normal"])
    mark, start = newest(), time.monotonic()
    cai(running.state, "demo", "sensor", "temperature=72.5")
    eventually("overload", 5, lambda: "overload" in labels_since(mark))
    print(f"the model noticed after {time.monotonic() - start:.1f} s")
    cai(running.state, "demo", "sensor", "temperature=22")


def browser(profile):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
                 "disable-background-networking", "disable-component-update", "disable-sync",
                 f"user-data-dir={profile}", "window-size=1300,1200"):
        options.add_argument("--" + flag)
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def texts(page, selector):
    """In one step: the live page may replace an element between finding and reading it."""
    return page.execute_script(
        "return Array.from(document.querySelectorAll(arguments[0]), e => e.textContent)", selector)


def test_the_page_shows_live_readings_of_both_devices(running, tmp_path):
    port = json.loads((running.state / "ports.json").read_text())["dashboard"]
    page = browser(tmp_path / "profile")
    try:
        page.get(f"http://127.0.0.1:{port}/")
        eventually("the live page", 15, lambda: 'data-state="live"' in page.page_source)
        assert sorted(texts(page, ".card h3")) == sorted(BOARDS)
        numbers = "#readings tr td:nth-child(2)"
        first = texts(page, numbers)[0]
        eventually("a new row", 10, lambda: texts(page, numbers)[0] != first)
        assert len(texts(page, "#readings td.attested")) >= 10
    finally:
        page.quit()


def test_log_and_shell_speak_of_the_device(running):
    for board in BOARDS:
        log = cai(running.state, "device", "log", board).stdout
        assert "boot" in log.lower()
        status = cai(running.state, "device", "shell", board, "--command", "status").stdout
        assert "session" in status.lower()
        identity = cai(running.state, "device", "shell", board, "--command", "identity").stdout
        assert re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", identity)


def test_readings_are_listed_for_people_and_for_programs(made):
    state, _ = made
    assert "attested" in cai(state, "readings").stdout
    listed = [json.loads(line) for line in cai(state, "readings", "--json").stdout.splitlines()]
    assert len(listed) >= 20 and {"device", "model", "status", "token_id"} <= set(listed[0])


def test_ctrl_c_stops_everything_it_started(running):
    code, output = running.interrupt()
    assert code == 0, output
    left = subprocess.run(["pgrep", "-f", str(running.state)], capture_output=True, text=True).stdout
    assert left == ""


def test_nothing_secret_is_on_a_command_line_or_in_a_log(running):
    listed = subprocess.run(["pgrep", "-fa", str(running.state)], capture_output=True, text=True).stdout
    assert "seed=" not in listed and "PRIVATE" not in listed
    for log in (running.state / "logs").iterdir():
        assert "PRIVATE KEY" not in log.read_text(errors="replace")
