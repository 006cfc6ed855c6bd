"""Makes, in the AWS API server at AWS_ENDPOINT_URL, what an inventory folder (docs/inventory.md) says is there.

usage: seed.py INVENTORY

An account's id is its root user's access key. boto3 does in one process what would take the AWS CLI a second a call.
"""

import functools
import json
import sys
from pathlib import Path

import boto3
from botocore.exceptions import ClientError


# A client takes longer to make than a call does.
@functools.cache
def client(service, account, region="us-east-1"):
    return boto3.client(service, region_name=region, aws_access_key_id=account, aws_secret_access_key="test")


def read(path, field):
    """A field of a file as the AWS CLI wrote it; nothing where there is no file."""
    return json.loads(path.read_text())[field] if path.exists() else []


def make_roles(details):
    """Roles may trust each other: those whose principals aren't there yet wait for them."""
    waiting = [(account, role) for account, roles in details.items() for role in roles]
    while waiting:
        refused = []
        for account, role in waiting:
            try:
                make_role(client("iam", account), role)
            except ClientError as error:
                if error.response["Error"]["Code"] != "MalformedPolicyDocument":
                    raise
                refused.append((account, role))
                reason = error
        if len(refused) == len(waiting):
            raise reason
        waiting = refused


def make_role(iam, role):
    iam.create_role(
        RoleName=role["RoleName"],
        Path=role["Path"],
        AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"]),
        Tags=role.get("Tags", []),
    )
    for policy in role["RolePolicyList"]:
        document = json.dumps(policy["PolicyDocument"])
        iam.put_role_policy(RoleName=role["RoleName"], PolicyName=policy["PolicyName"], PolicyDocument=document)
    for policy in role["AttachedManagedPolicies"]:
        iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=policy["PolicyArn"])


def make_policies(iam, account, policies):
    for policy in policies:
        if f":{account}:" in policy["Arn"]:
            default = next(version for version in policy["PolicyVersionList"] if version["IsDefaultVersion"])
            document = json.dumps(default["Document"])
            iam.create_policy(PolicyName=policy["PolicyName"], Path=policy["Path"], PolicyDocument=document)


def make_oidc_providers(iam, folder):
    for path in folder.glob("iam-get-open-id-connect-provider-*.json"):
        provider = json.loads(path.read_text())
        url = "https://" + provider["Url"].removeprefix("https://")
        iam.create_open_id_connect_provider(
            Url=url, ClientIDList=provider["ClientIDList"], Tags=provider.get("Tags", [])
        )


def make_cluster(eks, folder):
    cluster = read(folder / "describe-cluster.json", "cluster")
    name = cluster["name"]
    access = cluster.get("accessConfig", {})
    # By aws-auth alone the creator is administrator for good (EKS API, CreateAccessConfigRequest).
    if access.get("authenticationMode") != "CONFIG_MAP":
        access = access | {"bootstrapClusterCreatorAdminPermissions": False}
    eks.create_cluster(
        name=name,
        roleArn=cluster["roleArn"],
        version=cluster["version"],
        resourcesVpcConfig={"subnetIds": cluster["resourcesVpcConfig"]["subnetIds"]},
        accessConfig=access,
        tags=cluster.get("tags", {}),
    )
    for path in folder.glob("describe-access-entry-*.json"):
        make_access_entry(eks, name, read(path, "accessEntry"))
    for path in folder.glob("list-associated-access-policies-*.json"):
        for policy in read(path, "associatedAccessPolicies"):
            scope = {field: value for field, value in policy["accessScope"].items() if value}
            principal = json.loads(path.read_text())["principalArn"]
            eks.associate_access_policy(
                clusterName=name, principalArn=principal, policyArn=policy["policyArn"], accessScope=scope
            )
    for path in folder.glob("describe-pod-identity-association-*.json"):
        fields = ("namespace", "serviceAccount", "roleArn", "targetRoleArn", "disableSessionTags", "policy", "tags")
        association = read(path, "association")
        eks.create_pod_identity_association(
            clusterName=name, **{field: association[field] for field in fields if association.get(field)}
        )
    for path in folder.glob("describe-capability-*.json"):
        fields = ("capabilityName", "clusterName", "type", "roleArn", "configuration", "deletePropagationPolicy")
        capability = read(path, "capability")
        eks.create_capability(**{field: capability[field] for field in fields})


def make_access_entry(eks, cluster, entry):
    entry_of_nodes = entry["type"] != "STANDARD"
    own = {} if entry_of_nodes else {"kubernetesGroups": entry["kubernetesGroups"], "username": entry["username"]}
    eks.create_access_entry(
        clusterName=cluster, principalArn=entry["principalArn"], type=entry["type"], tags=entry.get("tags", {}), **own
    )


def main(inventory):
    details = {}
    for folder in sorted((inventory / "accounts").iterdir()):
        file = folder / "iam-get-account-authorization-details.json"
        details[folder.name] = read(file, "RoleDetailList")
        make_policies(client("iam", folder.name), folder.name, read(file, "Policies"))
        make_oidc_providers(client("iam", folder.name), folder)
    make_roles(details)
    for folder in sorted(inventory.glob("clusters/*/*/*/eks")):
        _, account, region, _, _ = folder.relative_to(inventory).parts
        make_cluster(client("eks", account, region), folder)


main(Path(sys.argv[1]))
