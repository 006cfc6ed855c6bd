package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/dynamicfile"
)

// between is how long the AWS API is left in peace; EKS itself takes longer to notice.
const between = 500 * time.Millisecond

// mirror carries a cluster's access entries to the authenticator, and their access policies to the authorizer.
type mirror struct {
	cluster    string
	eks        *eks.Client
	iamOf      func(account string) *iam.Client
	file       string
	authorizer *authorizer
	written    []byte
	// ids are the roles' unique ids by the access entries' ARNs, from when the entry was first seen: EKS keeps the id of the
	// role that the entry was made for (EKS User Guide, "Create access entries": a recreated role needs a new entry).
	ids map[string]string
}

func newMirror(ctx context.Context, options options, file string, authorizer *authorizer) (*mirror, error) {
	configured, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(options.region))
	if err != nil {
		return nil, err
	}
	// EKS needs nobody's permission to look; the AWS API server takes an account's number for its root user's access key.
	as := func(account string) aws.CredentialsProvider {
		return credentials.NewStaticCredentialsProvider(account, "test", "")
	}
	return &mirror{
		cluster: options.cluster,
		eks:     eks.NewFromConfig(configured, func(o *eks.Options) { o.Credentials = as(options.account) }),
		iamOf: func(account string) *iam.Client {
			return iam.NewFromConfig(configured, func(o *iam.Options) { o.Credentials = as(account) })
		},
		file:       file,
		authorizer: authorizer,
		ids:        map[string]string{},
	}, nil
}

// follow updates until the context ends. What fails is tried again: the AWS API may be changing under our eyes.
func (m *mirror) follow(ctx context.Context) {
	ticker := time.NewTicker(between)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := m.update(ctx); err != nil && ctx.Err() == nil {
				log.Print("mirror: ", err)
			}
		}
	}
}

// update reads all access entries and passes on what they say. Those of IAM users are left out: Argo CD comes as a role.
func (m *mirror) update(ctx context.Context) error {
	roles := []config.RoleMapping{}
	grants := map[string][]grant{}
	pages := eks.NewListAccessEntriesPaginator(m.eks, &eks.ListAccessEntriesInput{ClusterName: &m.cluster})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, principal := range page.AccessEntries {
			if !strings.Contains(principal, ":role/") {
				continue
			}
			entry, err := m.eks.DescribeAccessEntry(ctx,
				&eks.DescribeAccessEntryInput{ClusterName: &m.cluster, PrincipalArn: &principal})
			if err != nil {
				return err
			}
			id, err := m.roleID(ctx, *entry.AccessEntry)
			if err != nil {
				return err
			}
			if id == "" {
				continue
			}
			roles = append(roles, config.RoleMapping{
				RoleARN:  principal,
				Username: aws.ToString(entry.AccessEntry.Username),
				Groups:   entry.AccessEntry.KubernetesGroups,
				UserId:   id,
			})
			if grants[id], err = m.grants(ctx, principal); err != nil {
				return err
			}
		}
	}
	m.authorizer.grants.Store(&grants)
	return m.write(roles)
}

// roleID is the unique id of the role that an access entry was made for; none where no role had that ARN.
func (m *mirror) roleID(ctx context.Context, entry types.AccessEntry) (string, error) {
	if id, known := m.ids[*entry.AccessEntryArn]; known {
		return id, nil
	}
	principal, err := arn.Parse(*entry.PrincipalArn)
	if err != nil {
		return "", err
	}
	name := principal.Resource[strings.LastIndex(principal.Resource, "/")+1:]
	role, err := m.iamOf(principal.AccountID).GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if absent := (*iamtypes.NoSuchEntityException)(nil); errors.As(err, &absent) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("role of %s: %w", *entry.PrincipalArn, err)
	}
	m.ids[*entry.AccessEntryArn] = *role.Role.RoleId
	return *role.Role.RoleId, nil
}

func (m *mirror) grants(ctx context.Context, principal string) ([]grant, error) {
	var grants []grant
	pages := eks.NewListAssociatedAccessPoliciesPaginator(m.eks,
		&eks.ListAssociatedAccessPoliciesInput{ClusterName: &m.cluster, PrincipalArn: &principal})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, associated := range page.AssociatedAccessPolicies {
			policy := *associated.PolicyArn
			grants = append(grants, grant{
				policy:     policy[strings.LastIndex(policy, "/")+1:],
				everywhere: associated.AccessScope.Type == types.AccessScopeTypeCluster,
				namespaces: associated.AccessScope.Namespaces,
			})
		}
	}
	return grants, nil
}

// write leaves the file alone where nothing has changed. It is written in place, since the authenticator watches the file and
// not its folder (pkg/fileutil); an incomplete one it reads again.
func (m *mirror) write(roles []config.RoleMapping) error {
	text, err := json.Marshal(dynamicfile.DynamicFileData{RoleMappings: roles})
	if err != nil || bytes.Equal(text, m.written) {
		return err
	}
	if err := os.WriteFile(m.file, text, 0o600); err != nil {
		return err
	}
	m.written = text
	return nil
}
