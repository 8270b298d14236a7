package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/go-hclog"
	agentinject "github.com/hashicorp/vault-k8s/agent-inject"
	"github.com/hashicorp/vault-k8s/agent-inject/agent"
	admission "k8s.io/api/admission/v1"
)

// Answers one admission review as the Vault Agent Injector does: from standard input to standard output. Its own
// command needs a cluster to start. What it puts into pods is what its flags are by default.
func review(vaultAddress string) error {
	var asked, answer admission.AdmissionReview
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return err
	}
	if asked.Request == nil {
		return fmt.Errorf("the review has no request")
	}
	handler := agentinject.Handler{
		RequireAnnotation:  true,
		VaultAddress:       vaultAddress,
		VaultAuthType:      agent.DefaultVaultAuthType,
		VaultAuthPath:      agent.DefaultVaultAuthPath,
		ImageVault:         agent.DefaultVaultImage,
		Log:                hclog.NewNullLogger(),
		SetSecurityContext: agent.DefaultAgentSetSecurityContext,
		DefaultTemplate:    agent.DefaultTemplateType,
		ResourceRequestCPU: agent.DefaultResourceRequestCPU,
		ResourceRequestMem: agent.DefaultResourceRequestMem,
		ResourceLimitCPU:   agent.DefaultResourceLimitCPU,
		ResourceLimitMem:   agent.DefaultResourceLimitMem,
		ExitOnRetryFailure: agent.DefaultTemplateConfigExitOnRetryFailure,
	}
	answer.TypeMeta = asked.TypeMeta
	answer.Response = handler.Mutate(asked.Request).Resp
	return json.NewEncoder(os.Stdout).Encode(answer)
}
