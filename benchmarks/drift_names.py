"""What drift (drift-evidence) learns of each capture: a line for each device with the file, the device's MAC and IP
address, its names, and the addresses that it contacted without a name, apart by tabs and spaces."""

import sys
from pathlib import Path

from drift.pcap import extract_domains

for path in sys.argv[1:]:
    name = "/".join(Path(path).parts[-2:])
    try:
        devices = extract_domains(path)
    except Exception as error:  # what it cannot read is a line without names
        print(f"{name}\tcannot read: {type(error).__name__}\t\t\t")
        continue
    for ip, seen in sorted(devices.items()):
        names = sorted({name for key in ("dns", "http", "sni") for name in seen[key]})
        print(f"{name}\t{seen['mac'] or ''}\t{ip}\t{' '.join(names)}\t{' '.join(seen['direct_ips'])}")
