"""Puts the fake verbs in the place of the real ones in every process of a real Airflow started by a test."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
import fake_verbs

sys.modules |= dict.fromkeys(fake_verbs.STANDS_FOR, fake_verbs)
