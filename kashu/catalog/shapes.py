"""What travels: the catalogue on the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypeAlias
from uuid import UUID

import msgspec
from litestar.datastructures import UploadFile
from msgspec import UNSET, UnsetType

from kashu.catalog.entries import AccountType, Terminal
from kashu.catalog.kinds import Fulfilment, Period, ShortagePolicy, SkuState
from kashu.core.naming import described
