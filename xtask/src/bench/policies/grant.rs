//! What workloads on AWS are granted, and requests that fit: each a statement with what it is asked for.

use serde_json::{Value, json};

use super::role::Role;

/// A statement as roles have it, and a request that it allows.
pub(super) struct Grant {
    pub(super) statement: fn(&Role) -> Value,
    /// Actions of which a request has one.
    pub(super) actions: &'static [&'static str],
    /// The resource of a request.
    pub(super) resource: fn(&Role) -> String,
    /// The keys that a request has beside those of every request.
    pub(super) context: fn(&Role) -> Value,
}

/// All of them.
pub(super) const GRANTS: &[Grant] = &[
    OBJECTS, LISTING, TAGGED, QUEUES, TOPICS, TABLE, STREAM, SECRETS, LOGS, IMAGES, METRICS, DESCRIBE,
    ASSUME, PARAMETERS,
];

const OBJECTS: Grant = Grant {
    statement: |role| {
        let objects = format!("arn:aws:s3:::{}/*", bucket(role));
        json!({
            "Sid": "Objects", "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], "Resource": objects,
        })
    },
    actions: &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    resource: |role| format!("arn:aws:s3:::{}/2026/01/15/report.parquet", bucket(role)),
    context: |_| json!({"s3:authType": "REST-HEADER"}),
};

const LISTING: Grant = Grant {
    statement: |role| {
        json!({
            "Sid": "Listing", "Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
            "Resource": format!("arn:aws:s3:::{}", bucket(role)),
            "Condition": {"StringLike": {"s3:prefix": ["2026/*", "2025/*", "incoming/*"]}},
        })
    },
    actions: &["s3:ListBucket"],
    resource: |role| format!("arn:aws:s3:::{}", bucket(role)),
    context: |_| json!({"s3:prefix": "2026/01/"}),
};

const TAGGED: Grant = Grant {
    statement: |role| {
        let own = format!("arn:aws:s3:::shared-{}/${{aws:PrincipalTag/team}}/*", role.account());
        json!({"Sid": "OwnPrefix", "Effect": "Allow", "Action": "s3:Get*", "Resource": own})
    },
    actions: &["s3:GetObject", "s3:GetObjectTagging"],
    resource: |role| format!("arn:aws:s3:::shared-{}/{}/config.json", role.account(), role.team),
    context: |_| json!({}),
};

const QUEUES: Grant = Grant {
    statement: |role| {
        json!({
            "Sid": "Queues", "Effect": "Allow",
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
            "Resource": [arn(role, "sqs", &format!("{}-events", role.name())), arn(role, "sqs", &format!("{}-events-dlq", role.name()))],
        })
    },
    actions: &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueUrl"],
    resource: |role| arn(role, "sqs", &format!("{}-events", role.name())),
    context: |_| json!({}),
};

const TOPICS: Grant = Grant {
    statement: |role| {
        let topics = format!("arn:aws:sns:*:{}:{}-*", role.account(), role.team);
        json!({"Sid": "Topics", "Effect": "Allow", "Action": "sns:Publish", "Resource": topics})
    },
    actions: &["sns:Publish"],
    resource: |role| arn(role, "sns", &format!("{}-changed", role.team)),
    context: |_| json!({}),
};

const TABLE: Grant = Grant {
    statement: |role| {
        let table = arn(role, "dynamodb", &format!("table/{}", role.name()));
        json!({
            "Sid": "Table", "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query", "dynamodb:BatchGetItem"],
            "Resource": [format!("{table}/index/*"), table],
        })
    },
    actions: &["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"],
    resource: |role| arn(role, "dynamodb", &format!("table/{}", role.name())),
    context: |_| json!({}),
};

const STREAM: Grant = Grant {
    statement: |role| {
        json!({
            "Sid": "Stream", "Effect": "Allow", "Action": ["kinesis:Get*", "kinesis:Describe*", "kinesis:ListShards"],
            "Resource": arn(role, "kinesis", &format!("stream/{}-*", role.team)),
            "Condition": {"StringEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d4e5f60718", "vpce-0918273645afbecd0"]}},
        })
    },
    actions: &["kinesis:GetRecords", "kinesis:DescribeStreamSummary", "kinesis:ListShards"],
    resource: |role| arn(role, "kinesis", &format!("stream/{}-clicks", role.team)),
    context: |_| json!({"aws:SourceVpce": "vpce-0918273645afbecd0"}),
};

const SECRETS: Grant = Grant {
    statement: |role| {
        let secret = arn(role, "secretsmanager", &format!("secret:{}/{}-??????", role.team, role.name()));
        json!({
            "Sid": "Secrets", "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], "Resource": secret,
        })
    },
    actions: &["secretsmanager:GetSecretValue"],
    resource: |role| arn(role, "secretsmanager", &format!("secret:{}/{}-aB3xYz", role.team, role.name())),
    context: |_| json!({}),
};

const LOGS: Grant = Grant {
    statement: |role| {
        let group = arn(role, "logs", &format!("log-group:/app/{}:*", role.name()));
        json!({
            "Sid": "Logs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": group,
            "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}},
        })
    },
    actions: &["logs:PutLogEvents"],
    resource: |role| arn(role, "logs", &format!("log-group:/app/{}:log-stream:main", role.name())),
    context: |_| json!({}),
};

const IMAGES: Grant = Grant {
    statement: |role| {
        json!({
            "Sid": "Images", "Effect": "Allow",
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
            "Resource": arn(role, "ecr", "repository/*"),
        })
    },
    actions: &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    resource: |role| arn(role, "ecr", &format!("repository/{}", role.team)),
    context: |_| json!({}),
};

const METRICS: Grant = Grant {
    statement: |role| {
        json!({
            "Sid": "Metrics", "Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": role.team}},
        })
    },
    actions: &["cloudwatch:PutMetricData"],
    resource: |_| "*".to_owned(),
    context: |role| json!({"cloudwatch:namespace": role.team}),
};

const DESCRIBE: Grant = Grant {
    statement: |_| json!({"Sid": "Describe", "Effect": "Allow", "Action": ["ec2:Describe*", "autoscaling:Describe*"], "Resource": "*"}),
    actions: &["ec2:DescribeInstances", "autoscaling:DescribeAutoScalingGroups"],
    resource: |_| "*".to_owned(),
    context: |_| json!({}),
};

const ASSUME: Grant = Grant {
    statement: |role| {
        let spokes = format!("arn:aws:iam::*:role/{}-spoke", role.team);
        json!({"Sid": "Spokes", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": spokes})
    },
    actions: &["sts:AssumeRole"],
    resource: |role| format!("arn:aws:iam::{}:role/{}-spoke", role.account(), role.team),
    context: |_| json!({}),
};

const PARAMETERS: Grant = Grant {
    statement: |role| {
        json!({
            "Sid": "Parameters", "Effect": "Allow", "Action": ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
            "Resource": arn(role, "ssm", &format!("parameter/{}/*", role.team)),
            "Condition": {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}},
        })
    },
    actions: &["ssm:GetParameter", "ssm:GetParametersByPath"],
    resource: |role| arn(role, "ssm", &format!("parameter/{}/database/host", role.team)),
    context: |_| json!({}),
};

fn arn(role: &Role, service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:eu-west-1:{}:{resource}", role.account())
}

fn bucket(role: &Role) -> String {
    format!("{}-{}", role.name(), role.account())
}
