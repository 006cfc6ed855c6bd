"""Calls AWS by botocore, for the harness: a line of JSON in, a line out. It starts once, and the AWS CLI for each call."""

import functools
import json
import sys

import botocore.exceptions
import botocore.session

session = botocore.session.get_session()


@functools.cache
def client(service, region, key, secret, token):
    return session.create_client(
        service, region, aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token
    )


def answer(call):
    who = call["credentials"]
    aws = client(
        call["service"], call["region"], who["AccessKeyId"], who["SecretAccessKey"], who.get("SessionToken")
    )
    try:
        # Operations by AWS's own names, which a client's methods don't have.
        return {"answer": aws._make_api_call(call["operation"], call["parameters"])}
    except botocore.exceptions.ClientError as error:
        return {"code": error.response["Error"]["Code"], "message": str(error)}


print("{}", flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line)), default=str), flush=True)
