"""Import much of the standard library and of site-packages."""

import asyncio  # noqa: F401
import csv  # noqa: F401
import decimal  # noqa: F401
import email.message  # noqa: F401
import http.client  # noqa: F401
import logging
import multiprocessing  # noqa: F401
import subprocess  # noqa: F401
import unittest  # noqa: F401
import xml.etree.ElementTree  # noqa: F401
import zoneinfo

import jinja2  # noqa: F401
import networkx  # noqa: F401
import yaml  # noqa: F401

zoneinfo.ZoneInfo("Europe/Berlin")
logging.getLogger().warning("so much")


def double(x):
    return x * 2
