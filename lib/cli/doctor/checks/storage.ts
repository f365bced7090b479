/** Where weights are to lie: volumes that many pods mount at once. */

import { clusterRuntimeConfigs, runtimeConfigs, storageClasses } from "../kinds.ts";
import { type Check, type Finding, listed, nameOf } from "../survey.ts";

/** Provisioners whose volumes only one node mounts: block devices and folders of a node. */
const oneNode = [
  "kubernetes.io/aws-ebs",
  "ebs.csi.aws.com",
  "kubernetes.io/gce-pd",
  "pd.csi.storage.gke.io",
  "kubernetes.io/azure-disk",
  "disk.csi.azure.com",
  "kubernetes.io/cinder",
  "cinder.csi.openstack.org",
  "kubernetes.io/vsphere-volume",
  "rancher.io/local-path",
  "k8s.io/minikube-hostpath",
  "docker.io/hostpath",
  "microk8s.io/hostpath",
  "openebs.io/local",
  "local.csi.openebs.io",
  "zfs.csi.openebs.io",
  "topolvm.io",
  "topolvm.cybozu.com",
  "rbd.csi.ceph.com",
  "rook-ceph.rbd.csi.ceph.com",
  "dobs.csi.digitalocean.com",
  "csi.hetzner.cloud",
  "linodebs.csi.linode.com",
  "block.csi.ibm.com",
  "vpc.block.csi.ibm.io",
];

const defaultMark = "storageclass.kubernetes.io/is-default-class";

export const storage: Check = (survey) => {
  if (!survey.saw(storageClasses)) return [];
  const classes = survey.all(storageClasses);
  const fix = "install one that gives ReadWriteMany (NFS, CephFS, a cloud's file store) and name it in " +
    "storage.defaultStorageClassName of the AIMClusterRuntimeConfig default";
  if (classes.length === 0) {
    return [{
      check: "storage-class-missing",
      about: "StorageClass",
      says: "the cluster has none: claims for weights stay Pending",
      fix,
    }];
  }
  const configs = [...survey.all(clusterRuntimeConfigs), ...survey.all(runtimeConfigs)];
  const named = new Map(configs.flatMap((config) => {
    const name = config.spec?.storage?.defaultStorageClassName ?? config.spec?.defaultStorageClassName;
    return name ? [[name, `${config.kind} ${nameOf(config)}`] as const] : [];
  }));
  const findings: Finding[] = [];
  for (const [name, by] of named) {
    const found = classes.find(({ metadata }) => metadata?.name === name);
    if (found === undefined) {
      findings.push({
        check: "storage-class-unknown",
        about: `StorageClass ${name}`,
        says: `${by} names it, and it does not exist: claims for weights stay Pending`,
        fix: `create it, or name one of ${listed(classes.map(nameOf), 5)}`,
      });
    } else if (oneNode.includes(found.provisioner)) {
      findings.push(notShared(name, found.provisioner, by, fix));
    }
  }
  if (named.size > 0) return findings;
  const usual = classes.find(({ metadata }) => metadata?.annotations?.[defaultMark] === "true");
  if (usual === undefined) {
    return [{
      check: "storage-class-undecided",
      about: "StorageClass",
      says:
        `none of ${
          listed(classes.map(nameOf), 5)
        } is the cluster's default, and no runtime config names one: claims for ` +
        "weights stay Pending",
      fix: "name one in storage.defaultStorageClassName of the AIMClusterRuntimeConfig default",
    }];
  }
  return oneNode.includes(usual.provisioner)
    ? [notShared(nameOf(usual), usual.provisioner, "the default of the cluster", fix)]
    : [];
};

function notShared(name: string, provisioner: string, by: string, fix: string): Finding {
  return {
    check: "storage-class-unshared",
    about: `StorageClass ${name}`,
    says:
      `volumes of ${provisioner} are mounted by one node only, and weights are kept on volumes for many ` +
      `(ReadWriteMany); ${by} leads to it`,
    fix,
  };
}
