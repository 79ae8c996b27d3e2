#!/usr/bin/env python3
"""The SDK as a stranger uses it: installed elsewhere, its example configured and
built by its own CMakeLists, run beside the secure side; and a program that names
every function of its headers, which must link.

  sdk_test.py --board an521 --build build/device-an521
"""

import argparse
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import run_qemu

REFUSED = {"export is refused": -133}  # PSA_ERROR_NOT_PERMITTED


def quietly(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False,
                          env={k: v for k, v in os.environ.items() if not k.startswith("CMAKE")})
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


HEADERS = ("cai/device", "psa/client", "psa/crypto", "psa/error", "psa/initial_attestation",
           "psa/internal_trusted_storage", "psa/protected_storage", "psa/update",
           "tfm_ns_interface")
# What Mbed TLS declares for drivers of its core, and what an application defines.
NOT_OURS = ("psa_crypto_driver_", "cai_ns_", "cai_mbedtls_")
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(all LANGUAGES C CXX)
set(CMAKE_C_STANDARD 99)
set(CMAKE_C_EXTENSIONS OFF)
add_compile_options(-Wall -Wextra -Wpedantic -Werror)
find_package(cai-sdk REQUIRED)
cai_nonsecure_application(in_c all.c)
cai_nonsecure_application(in_cxx all.cc)
add_library(tls OBJECT tls.c)
target_link_libraries(tls PRIVATE cai::tls)
"""
# As the SDK's own TLS was compiled: structures depend on it.
TLS = """#include "mbedtls/ssl.h"
typedef char AsCompiled[MBEDTLS_TLS1_3_MD_MAX_SIZE == 32 ? 1 : -1];
"""


def build(options, sdk, source, target):
    quietly("cmake", "-S", source, "-B", target, "-G", "Ninja",
            f"-DCMAKE_TOOLCHAIN_FILE={sdk}/cmake/arm-none-eabi.cmake",
            f"-DCAI_BOARD={options.board}", f"-Dcai-sdk_DIR={sdk}/cmake")
    quietly("cmake", "--build", target)


def build_example(options, sdk, work):
    # What is built is a copy: an SDK may be read-only.
    shutil.copytree(sdk / "example", work / "example")
    build(options, sdk, work / "example", work / "app")
    return work / "app/example.elf"


def declared(includes, compiler, language, source):
    """The functions that the headers give a program in this language."""
    text = subprocess.run([compiler, "-E", "-P", "-x", language, *includes, "-"], input=source,
                          capture_output=True, text=True, check=True).stdout
    names = set(re.findall(r"\b((?:psa|cai|tfm)_\w+)\s*\([^;{}]*\)\s*;", text))
    return sorted(name for name in names if not name.startswith(NOT_OURS))


def build_all_functions(options, sdk, work):
    """In C and in C++: takes the address of every function, so that each must link."""
    folder = work / "all"
    folder.mkdir()
    (folder / "CMakeLists.txt").write_text(PROJECT)
    (folder / "tls.c").write_text(TLS)
    source = "".join(f'#include "{header}.h"\n' for header in HEADERS)
    includes = [f"-I{sdk}/include", f"-I{sdk}/lib/{options.board}/include"]
    counts = []
    for file, language, linkage, cast in (("all.c", "c", "", "(Function){}"),
                                          ("all.cc", "c++", 'extern "C" ',
                                           "reinterpret_cast<Function>({})")):
        compiler = "arm-none-eabi-gcc" if language == "c" else "arm-none-eabi-g++"
        names = declared(includes, compiler, language, source)
        counts.append(len(names))
        (folder / file).write_text(
            source + "typedef void (*Function)(void);\n"
            "extern const Function all[];\n"
            f"const Function all[] = {{{', '.join(cast.format(name) for name in names)}}};\n"
            # One hash of every algorithm that the headers say is there fits what they say.
            "typedef char Fits[PSA_HASH_MAX_SIZE >= PSA_HASH_LENGTH(PSA_ALG_SHA_384) ? 1 : -1];\n"
            "#if !defined(PSA_WANT_ALG_CCM) || !defined(PSA_WANT_ALG_SHA_384)\n"
            "#error the secure side has more than the headers say\n#endif\n"
            f"{linkage}void cai_ns_Main(void);\n"
            "void cai_ns_Main(void) {\n"
            f"  for (int i = 0; i < {len(names)}; ++i) all[i]();\n}}\n")
    build(options, sdk, folder, work / "all_functions")
    return min(counts)


def run(options, elf, folder):
    """Its lines up to "done"."""
    run_qemu.make_nv(f"{folder}/nv", options.board)
    line = run_qemu.command(argparse.Namespace(
        board=options.board, secure=options.build / "images/secure_debug.elf", nonsecure=elf,
        test=None, shift=0, bare=None), folder)
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as qemu:
        late = threading.Timer(60, qemu.kill)
        late.start()
        lines = []
        for text in qemu.stdout:
            lines.append(text.rstrip())
            if lines[-1] == "done":
                break
        late.cancel()
        qemu.kill()
    return lines


def judge(lines):
    values = [re.fullmatch(r"([^:]+): (\S*)", line) for line in lines if line != "done"]
    if not values or not all(values) or lines[-1] != "done":
        return "it did not come to its end"
    if ("sha256(abc)", hashlib.sha256(b"abc").hexdigest()) not in [v.groups() for v in values]:
        return "another hash"
    if ("stored", b"hello".hex()) not in [v.groups() for v in values]:
        return "another object came back"
    for name, value in (v.groups() for v in values):
        if re.fullmatch(r"-\d+|0", value) and int(value) != REFUSED.get(name, 0):
            return f"{name} gave {value}"
    if not any(re.fullmatch(r"uuid: [0-9a-f]{32}", line) for line in lines):
        return "no identity"
    token = [v[2] for v in values if v[1] == "token"][-1]
    return None if token.startswith("d28443a10126") else "no COSE_Sign1 with ES256"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--board", required=True, choices=run_qemu.MACHINES)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cai-sdk-") as folder:
        work, sdk = pathlib.Path(folder), pathlib.Path(folder, "sdk")
        quietly("cmake", "--install", options.build, "--component", "sdk", "--prefix", sdk)
        functions = build_all_functions(options, sdk, work)
        lines = run(options, build_example(options, sdk, work), folder)
    print(f"{functions} functions link")
    print("\n".join(line[:160] for line in lines))
    problem = judge(lines) or ("too few functions were found" if functions < 100 else None)
    if problem:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
