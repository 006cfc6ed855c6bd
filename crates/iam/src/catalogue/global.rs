//! Keys that requests to all services can have.

use super::{
    ConditionKey, KeyType,
    ValueType::{self, Arn, Bool, Date, IpAddress, Numeric, String},
};

/// The keys of the IAM User Guide's page "AWS global condition context keys", in its order.
///
/// `aws:EpochTime` takes Numeric operators as well as those for dates, and `aws:FederatedProvider` is an ARN where the
/// provider isn't one that is built into AWS, such as an EKS issuer. The page names `aws:SourceOwner` no more; old
/// policies have it.
pub const GLOBAL_KEYS: &[ConditionKey] = &[
    one("aws:PrincipalArn", Arn),
    one("aws:PrincipalAccount", String),
    many("aws:PrincipalOrgPaths", String),
    one("aws:PrincipalOrgID", String),
    one("aws:PrincipalTag/${TagKey}", String),
    one("aws:PrincipalIsAWSService", Bool),
    one("aws:PrincipalServiceName", String),
    many("aws:PrincipalServiceNamesList", String),
    one("aws:PrincipalType", String),
    one("aws:userid", String),
    one("aws:username", String),
    // Of a role's session.
    one("aws:AssumedRoot", Bool),
    one("aws:FederatedProvider", String),
    one("aws:TokenIssueTime", Date),
    one("aws:SignInSessionArn", Arn),
    one("aws:MultiFactorAuthAge", Numeric),
    one("aws:MultiFactorAuthPresent", Bool),
    one("aws:ChatbotSourceArn", Arn),
    one("aws:Ec2InstanceSourceVpc", String),
    one("aws:Ec2InstanceSourcePrivateIPv4", IpAddress),
    one("aws:SourceIdentity", String),
    one("ec2:RoleDelivery", Numeric),
    one("ec2:SourceInstanceArn", Arn),
    one("glue:RoleAssumedBy", String),
    one("glue:CredentialIssuingService", String),
    one("codebuild:BuildArn", Arn),
    one("codebuild:ProjectArn", Arn),
    one("lambda:SourceFunctionArn", Arn),
    one("ssm:SourceInstanceArn", Arn),
    one("identitystore:UserId", String),
    // Of the network.
    one("aws:SourceIp", IpAddress),
    one("aws:SourceVpc", String),
    one("aws:SourceVpcArn", Arn),
    one("aws:SourceVpce", String),
    one("aws:VpceAccount", String),
    one("aws:VpceOrgID", String),
    many("aws:VpceOrgPaths", String),
    one("aws:VpcSourceIp", IpAddress),
    // Of the resource.
    one("aws:ResourceAccount", String),
    one("aws:ResourceOrgID", String),
    many("aws:ResourceOrgPaths", String),
    one("aws:ResourceTag/${TagKey}", String),
    // Of the request.
    many("aws:CalledVia", String),
    one("aws:CalledViaFirst", String),
    one("aws:CalledViaLast", String),
    one("aws:CalledViaAWSMCP", String),
    one("aws:ViaAWSService", Bool),
    one("aws:ViaAWSMCPService", Bool),
    one("aws:CurrentTime", Date),
    one("aws:EpochTime", Date),
    one("aws:referer", String),
    one("aws:RequestedRegion", String),
    one("aws:RequestTag/${TagKey}", String),
    many("aws:TagKeys", String),
    one("aws:SecureTransport", Bool),
    one("aws:SourceAccount", String),
    one("aws:SourceArn", Arn),
    one("aws:SourceOrgID", String),
    many("aws:SourceOrgPaths", String),
    one("aws:SourceOwner", String),
    one("aws:UserAgent", String),
    one("aws:IsMcpServiceAction", Bool),
];

const fn one(name: &'static str, values: ValueType) -> ConditionKey {
    ConditionKey { name, key_type: KeyType::one(values) }
}

const fn many(name: &'static str, values: ValueType) -> ConditionKey {
    ConditionKey { name, key_type: KeyType::many(values) }
}
