"""The AWS CLI, loaded once: what `aws` of `aws_client.py` asks for runs in a fork of this process.

An AWS CLI takes a second to start, nearly all of it for modules and service models that are the same each time, and the scripts
start it hundreds of times. A fork has them already; what it runs is the AWS CLI's own `main`, with the command's own arguments,
environment, folder and files.

usage: aws_server.py SOCKET. It prints `{}` when it listens, and ends with its stdin.
"""

import functools
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback

import awscli.clidriver
import botocore.loaders

# Services that the scripts ask. Others work as well, and take longer.
SERVICES = ["eks", "iam", "organizations", "secretsmanager", "sts"]

# Stdin, stdout and stderr.
FILES = 3


def main():
    load()
    # Nobody waits for the forks.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as selector:
        listener.bind(sys.argv[1])
        listener.listen(64)
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        print("{}", flush=True)
        while True:
            ready = [key.fileobj for key, _ in selector.select()]
            if listener not in ready:
                return
            client, _ = listener.accept()
            with client:
                if os.fork() == 0:
                    listener.close()
                    serve(client)


def load():
    """Everything that a command reads from the AWS CLI's own files."""
    read = functools.cache(botocore.loaders.JSONFileLoader().load_file)
    botocore.loaders.JSONFileLoader.load_file = lambda _, path: read(path)
    session = awscli.clidriver.create_clidriver().session
    for service in SERVICES:
        session.create_client(service, region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")


def serve(client):
    """Runs one command, says its exit status, and ends this fork."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        message, files, _, _ = socket.recv_fds(client, 1 << 16, FILES)
        while chunk := client.recv(1 << 16):
            message += chunk
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        status = run(json.loads(message))
    except BaseException:
        traceback.print_exc()
        status = 255
    sys.stdout.flush()
    sys.stderr.flush()
    client.sendall(str(status).encode())
    os._exit(0)


def run(command):
    """As `aws` does; the exit status."""
    os.chdir(command["folder"])
    # Where its service models are: it says so to itself by the environment.
    data = os.environ["AWS_DATA_PATH"]
    os.environ.clear()
    os.environ.update(command["environment"], AWS_DATA_PATH=data)
    time.tzset()
    sys.argv = ["aws", *command["arguments"]]
    try:
        return awscli.clidriver.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1


main()
