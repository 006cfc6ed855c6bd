"""`aws`, as `aws_server.py` runs it. usage: aws_client.py SOCKET ARGUMENT..."""

import json
import os
import socket
import sys

path, *arguments = sys.argv[1:]
command = {"arguments": arguments, "environment": dict(os.environ), "folder": os.getcwd()}
with socket.socket(socket.AF_UNIX) as server:
    server.connect(path)
    socket.send_fds(server, [b" "], [0, 1, 2])
    server.sendall(json.dumps(command).encode())
    server.shutdown(socket.SHUT_WR)
    status = server.recv(16)
if not status:
    sys.exit("the AWS CLI's server ended without a word")
sys.exit(int(status))
