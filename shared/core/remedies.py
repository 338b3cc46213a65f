"""The id of a cause in; what to do about it out: one or two sentences for a card, read at 3 a.m. No I/O.

Its law: imperative, plain text, at most 240 characters; NS and NAME stand for the object that the card is about,
RELEASE and RELEASE_NS for the Helm release that its message names; Flux stores releases in NS (spec.storageNamespace).
"""

from __future__ import annotations

from collections.abc import Mapping

REMEDIES: Mapping[str, str] = {
    # ------------------------------------------------------------------------------------------------------- critical
    "health-check-failed": "Look at the workloads that the message names: kubectl describe them and read their pods' events. "
    "Fix or revert the commit; the next reconciliation checks again.",
    "prune-failed": "Find what blocks the deletion (finalizer, webhook, RBAC) with kubectl describe on the named objects. "
    "Remove the cause, then run: flux reconcile kustomization NAME -n NS",
    "artifact-corrupt": "Restart source-controller so that it fetches afresh: kubectl rollout restart "
    "deploy/source-controller -n flux-system. If the digest differs again, treat it as tampering.",
    "verification-failed": "Do not switch verification off. Find out who published this revision; re-sign it with a trusted "
    "key or revert to the last verified one.",
    "helm-install-failed": "Read the error and the pods' events: kubectl get events -n RELEASE_NS "
    "--sort-by=.lastTimestamp. Fix chart or values, then run: flux reconcile hr NAME -n NS --force",
    "helm-upgrade-failed": "Read the error and the pods' events in RELEASE_NS, and run: helm history RELEASE -n NS. Fix or "
    "revert the change, then run: flux reconcile hr NAME -n NS --force",
    "helm-timeout": "Find the pods that do not become ready: kubectl get pods -n RELEASE_NS, then describe them. Fix "
    "image, probe or capacity; raise spec.timeout only if they are merely slow.",
    "helm-ownership": "Let this release adopt the named object (the annotations of meta.helm.sh), or remove it "
    "from the chart or from its other owner.",
    "helm-test-failed": "Read the log of the test pod that the message names: kubectl logs POD -n RELEASE_NS. Fix the release "
    "or its test.",
    "helm-rollback-failed": "Run: flux suspend hr NAME -n NS, helm history RELEASE -n NS, and helm rollback RELEASE REVISION "
    "-n NS to the last good one. Fix the new version, then run: flux resume hr NAME -n NS",
    "helm-uninstall-failed": "Find what stops the deletion (finalizer, hook, webhook): kubectl get all -n RELEASE_NS. Remove "
    "it; helm-controller tries again by itself.",
    "helm-install-undone": "Nothing of this release runs now. Fix chart or values, then run: flux reconcile hr NAME -n NS "
    "--force",
    "helm-pending": "Check whether helm-controller was killed (OOM): kubectl describe pods -n flux-system. Then unlock "
    "the release as the runbook says: after flux suspend, and not by a rollback if it is a first install.",
    "helm-retries-exhausted": "Flux does not try again by itself. Fix the cause in the release's earlier events, then run: "
    "flux reconcile hr NAME -n NS --reset --force",
    "out-of-memory": "See which pod was killed: kubectl describe pod -n flux-system. Stagger or split what it reconciles; "
    "watch memory before adding more to the cluster.",
    # -------------------------------------------------------------------------------------------------------- sources
    "git-authentication": "Renew the token or deploy key: az k8s-configuration flux update with --https-user and --https-key "
    "or --ssh-private-key-file; or renew the Secret that the GitRepository names.",
    "source-authentication": "Renew the Secret, or give the identity its role (AcrPull, Storage Blob Data Reader); check the "
    "firewall of registry or storage account, which answers 403 too.",
    "credentials-missing": "Create the Secret that the message names, in the namespace of the source, or correct its "
    "secretRef (in Azure: --local-auth-ref).",
    "host-key-rejected": "Compare the server's host key with its published one, then renew known_hosts: az k8s-configuration "
    "flux update with --known-hosts-file. Azure DevOps needs rsa-sha2.",
    "tls-failed": "Renew the server's certificate, or give its CA: az k8s-configuration flux update with "
    "--https-ca-cert-file. Look for a proxy that intercepts TLS.",
    "dns-failed": "Resolve the name from inside the cluster, then check CoreDNS and the private DNS zone: kubectl logs -n "
    "kube-system -l k8s-app=kube-dns",
    "network-failed": "Test the way out of the cluster: firewall, NSG, proxy, private endpoint, status page of the host. "
    "Flux keeps trying by itself.",
    "source-throttled": "Look at the status page and the rate limits of the host. Raise the interval of the sources, or "
    "authenticate if they are read anonymously. Flux keeps trying.",
    "git-failed": "Read the error: kubectl describe gitrepository NAME -n NS. Check URL, branch and credentials.",
    "git-not-found": "Check that repository, branch or tag still exist and that the credentials may see them. Correct with: "
    "az k8s-configuration flux update with --url, --branch or --tag",
    "oci-failed": "Read the error: kubectl describe ocirepository NAME -n NS. Check URL, tag, layer and the AcrPull role.",
    "oci-not-found": "Check that the tag or digest was pushed and not purged: az acr repository show-tags -n REGISTRY "
    "--repository REPOSITORY. Push it again or correct spec.ref.",
    "bucket-failed": "Read the error: kubectl describe bucket NAME -n NS. Check endpoint, container, role and storage "
    "firewall.",
    "bucket-not-found": "Check name and endpoint: kubectl describe bucket NAME -n NS. Create the container or correct the "
    "source.",
    "source-unusable": "Correct what the message names in the repository: an empty tree, .sourceignore, an include or a "
    "path. Then push; Flux fetches it by itself.",
    "artifact-generation-failed": "Read the error: kubectl describe artifactgenerator NAME -n NS. Check its sources and copy "
    "rules.",
    "verification-misconfigured": "Correct spec.verify of the source (mode, provider, secretRef). Nothing is verified until "
    "then.",
    "spec-invalid": "Correct the field that the message names, in Git or with az k8s-configuration flux update. Flux does "
    "not try again before the object changes.",
    "feature-disabled": "Remove the field that the message names, or ask for the feature gate: the managed extension does "
    "not let you set every controller flag.",
    # ----------------------------------------------------------------------------------------------------------- Helm
    "helm-index-failed": "Read the error: kubectl describe helmrepository NAME -n NS. Check its URL, type (oci or default) "
    "and Secret.",
    "helm-index-invalid": "Have the repository's owner publish a valid index.yaml; compare with: curl -sSL URL/index.yaml",
    "chart-failed": "Read the error: kubectl describe helmchart NAME -n NS. Check chart, version and the source that it names.",
    "chart-not-found": "Check that this chart version is published: helm search repo CHART --versions, or the registry's "
    "tags. Correct chart or version in the HelmRelease.",
    "chart-build-failed": "Check the values files, the chart path and Chart.yaml that the message names: helm template CHART "
    "-f FILE",
    "chart-dependencies-failed": "Check the repositories in Chart.yaml and that the cluster reaches them: helm dependency "
    "build CHART",
    "values-missing": "Create the ConfigMap, Secret or key that the message names in NS, or correct valuesFrom of the "
    "HelmRelease.",
    "helm-rolled-back": "The previous version runs. Find why the new one failed: kubectl describe hr NAME -n NS. Fix chart "
    "or values and push.",
    "helm-client-failed": "Check what helm-controller may do: kubectl describe hr NAME -n NS; service account, kubeconfig "
    "Secret and the release's storage Secrets (sh.helm.release.v1).",
    "inventory-incomplete": "Nothing to do at once. The release is installed; only its list of objects is incomplete.",
    # ------------------------------------------------------------------------------------------------- Kustomizations
    "build-failed": "Reproduce it: flux build kustomization NAME -n NS --path PATH, or kustomize build PATH. Fix what the "
    "message names and push.",
    "substitution-failed": "Define the variable that the message names in postBuild.substitute or in the substituteFrom "
    "object, or give it a default: ${variable:=value}",
    "path-not-found": "Check that spec.path exists in this revision. Restore the folder, or correct it: az k8s-configuration "
    "flux kustomization update with --path",
    "artifact-failed": "Check the source that it names: flux get sources all -n NS. Then its archive and path: "
    "kubectl describe kustomization NAME -n NS",
    "artifact-unreachable": "Check source-controller: kubectl get pods,endpoints -n flux-system. NetworkPolicies must let the "
    "other controllers reach it. Flux keeps trying.",
    "decryption-failed": "Check that the SOPS key Secret exists in NS and fits the file, or that the identity may decrypt "
    "with the Key Vault key (Key Vault Crypto User).",
    "decryption-missing": "Configure spec.decryption of the Kustomization (provider: sops), or remove the encrypted file "
    "from its path.",
    "apply-failed": "Try it without harm: kubectl apply --server-side --dry-run=server -f FILE. Fix the manifest that is "
    "named and push.",
    "manifest-invalid": "Correct the field that the message names; try with: kubectl apply --server-side --dry-run=server -f "
    "FILE",
    "field-immutable": "Give the object a new name, or delete it so that Flux makes it anew. spec.force: true does so "
    "always: mind data and downtime.",
    "admission-denied": "Read which policy refuses and why, then change the manifest, or have the policy's owner exempt it. "
    "Do not delete the webhook.",
    "admission-unavailable": "Bring the webhook's pods back: kubectl get "
    "validatingwebhookconfigurations,mutatingwebhookconfigurations, then the service that the message names.",
    "crd-missing": "Install the CRD before its objects (dependsOn), or move to an API version that is served: kubectl "
    "api-resources --api-group=GROUP",
    "reference-missing": "Create what the message names (namespace, role, class), or order it before with dependsOn.",
    "quota-exceeded": "See the use: kubectl describe resourcequota -n NAMESPACE. Lower the requests or have the quota raised.",
    "rbac-forbidden": "Grant the service account in the message what it lacks, or use scope cluster; test with: kubectl auth "
    "can-i VERB RESOURCE --as=system:serviceaccount:NS:flux-applier",
    "access-denied": "Put the referenced object into the same namespace. Multi-tenancy is on by default in microsoft.flux.",
    # ------------------------------------------------------------------------------------------------ drift and waits
    "drift-detected": "Find who changed the objects by hand: kubectl get KIND OBJECT -n OBJECT_NS -o yaml "
    "--show-managed-fields. Bring the change into Git or revert it.",
    "drift-correction-failed": "Read which object resists: kubectl describe hr NAME -n NS. Look for a second owner or an "
    "admission policy that changes it back.",
    "dependency-not-ready": "Look at what it waits for, not at this object: flux get all -A --status-selector ready=false",
    "source-not-ready": "Look at its source, not at this object: flux get sources all -A",
    "not-ready-yet": "See what it is doing: kubectl describe the object in NS. Shorten spec.timeout if health checks take "
    "very long.",
    # ---------------------------------------------------------------------------------------- controllers and Azure
    "controller-down": "Read its pod and its last words: kubectl describe pods -n flux-system, and "
    "kubectl logs deploy/NAME -n flux-system --previous",
    "controller-storage": "Check the disk of the node and of the pod: kubectl describe pods -n flux-system. "
    "Then: kubectl rollout restart deploy/source-controller -n flux-system",
    "api-unavailable": "Check the control plane: kubectl get --raw='/readyz?verbose', and the health of the cluster in "
    "Azure. Flux keeps trying by itself.",
    "optimistic-lock": "Normal if rare. If it lasts, find the second writer: kubectl get KIND NAME -n NS -o yaml "
    "--show-managed-fields",
    "log-errors": "Read the controller's log: kubectl logs deploy/NAME -n flux-system --since=1h. Follow the first error, "
    "not the last.",
    "controller-restarts": "Find out why: kubectl describe pods -n flux-system (Last State), and "
    "kubectl logs deploy/NAME -n flux-system --previous",
    "controller-silent": "See whether it runs and is stuck: kubectl get pods -n flux-system, then kubectl logs deploy/NAME -n "
    "flux-system --since=1h. A restart is harmless: kubectl rollout restart deploy/NAME -n flux-system",
    "agent-refused": "Check the identity of the cluster's agents and the clock of its nodes, then: kubectl rollout restart "
    "deploy/NAME -n flux-system",
    "configuration-failed": "Run: az k8s-configuration flux show -g GROUP -c CLUSTER -t TYPE -n NAME and read errorMessage "
    "and statuses. Correct it with flux update.",
    "configuration-failing": "Run: az k8s-configuration flux deployed-object list -g GROUP -c CLUSTER -t TYPE -n NAME, and "
    "follow the objects that are not compliant; their own cards say why.",
    "configuration-suspended": "If it was suspended on purpose, say until when; otherwise: az k8s-configuration flux update "
    "-g GROUP -c CLUSTER -t TYPE -n NAME --suspend false",
    "source-not-synced": "Compare with a cluster that has the commit: flux get sources all -n NS. Then run: flux reconcile "
    "source git NAME -n NS, and read its conditions.",
    "extension-failed": "Run: az k8s-extension show -g GROUP -c CLUSTER -t TYPE -n flux and read statuses. Check the pods in "
    "flux-system and policies that forbid them.",
    "extension-missing": "Install it: az k8s-extension create -g GROUP -c CLUSTER -t TYPE -n flux --extension-type "
    "microsoft.flux; or set the cluster's tag fluxwatch-expect-flux to false.",
    "extension-unsupported": "Upgrade it: az k8s-extension update -g GROUP -c CLUSTER -t TYPE -n flux --auto-upgrade true. "
    "Only the newest minor version and the two before it are supported.",
    "cluster-disconnected": "Check that the cluster runs and reaches Azure: kubectl get pods -n azure-arc, outbound 443, its "
    "certificate. An expired one must be connected again: az connectedk8s connect",
    "visibility-lost": "Give the app's identity Reader on the cluster's scope again (docs/permissions.md). Until then nobody "
    "knows how the cluster is: what was open stays open.",
    "agent-silent": "Check that the cluster runs and reaches Azure: kubectl get pods -n flux-system, and for Arc -n "
    "azure-arc; outbound 443 and its identity.",
    "alert-fired": "Open the alert in Azure Monitor and follow the runbook of its rule. The card closes when the alert is "
    "resolved.",
    "unknown-failure": "Read the message, then: kubectl describe the object in NS, and flux logs --level=error -n NS",
    # ----------------------------------------------------------------------------------------------------------- info
    "extension-pinned": "If nobody upgrades it by hand: az k8s-extension update -g GROUP -c CLUSTER -t TYPE -n flux "
    "--auto-upgrade true",
    "image-scan-failed": "Read the error: kubectl describe imagerepository NAME -n NS. Check image name, Secret and AcrPull.",
    "image-policy-invalid": "Correct the ImagePolicy: pattern, range and the ImageRepository that it names. kubectl describe "
    "imagepolicy NAME -n NS",
    "image-update-failed": "Read the error: kubectl describe imageupdateautomation NAME -n NS. Check source, branch and "
    "template.",
    "image-push-rejected": "Allow the automation to push to the branch, or have it push to one of its own "
    "(spec.git.push.branch).",
    "image-authentication": "Renew the Secret, or give the identity what it lacks: AcrPull to scan, write access to the "
    "repository to push.",
    "image-unreachable": "Check the way to registry or Git host from the cluster. The controllers keep trying by themselves.",
}
"""Every cause has a remedy; a test proves it."""
