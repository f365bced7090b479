/** When each alert fires, and when it does not: series of a sample a minute, as promtool writes them. */

export interface AlertCase {
  readonly says: string;
  /** Values by metric and labels; the job is added. `0+6x30`: from 0 on 6 more with each of 30 further samples; `_`: none. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked at. */
  readonly at: string;
  /** Labels of each alert that fires then, beside its name and severity; nothing: it is quiet. */
  readonly fires?: readonly Readonly<Record<string, string>>[];
}

/** The job that a ServiceMonitor makes of our Service. */
export const job = "aim-engine-controller-manager-metrics-service";

const lease = (pod: string) =>
  `leader_election_master_status{namespace="aim-system",pod="${pod}",name="3be10d2f.eai.amd.com"}`;
const one = { namespace: "aim-system" };
const service = { ...one, controller: "service" };
const of = (name: string, labels: string) => `${name}{namespace="aim-system",${labels}}`;
const waited = (le: string) =>
  of("workqueue_queue_duration_seconds_bucket", `controller="service",name="service",le="${le}"`);
const registry = (code: string) =>
  of("aim_registry_requests_total", `registry="registry.example.com",code="${code}"`);
const requests = (code: string) =>
  of("rest_client_requests_total", `code="${code}",method="GET",host="h:443"`);
const blocked = (reason: string) =>
  of("aim_condition_false", `kind="AIMModel",type="DependenciesReachable",reason="${reason}"`);
const models = of("aim_resource_status", `kind="AIMModel",status="Ready"`);

/** By the name of the alert. */
export const alertCases: Readonly<Record<string, readonly AlertCase[]>> = {
  AimOperatorAbsent: [
    { says: "no target", series: {}, at: "6m", fires: [{}] },
    { says: "no target answers", series: { up: "1 0x20" }, at: "8m", fires: [{}] },
    { says: "away for a rollout", series: { up: "1 1 0 0 0 1x20" }, at: "4m" },
    { says: "one of two answers", series: { 'up{pod="a"}': "1x20", 'up{pod="b"}': "0x20" }, at: "20m" },
  ],
  AimOperatorWithoutLeader: [
    { says: "nobody leads", series: { [lease("a")]: "0x20", [lease("b")]: "0x20" }, at: "6m", fires: [one] },
    { says: "one leads", series: { [lease("a")]: "0x20", [lease("b")]: "1x20" }, at: "20m" },
    { says: "taken over after a minute", series: { [lease("a")]: "1 1 0 1x20" }, at: "2m" },
  ],
  AimOperatorTwoLeaders: [
    { says: "both lead", series: { [lease("a")]: "1x20", [lease("b")]: "1x20" }, at: "3m", fires: [one] },
    { says: "a scrape apart", series: { [lease("a")]: "1 1 0x20", [lease("b")]: "0 1x20" }, at: "1m" },
    {
      says: "two installations, one leader each",
      at: "20m",
      series: {
        [lease("a")]: "1x20",
        [lease("a").replace("aim-system", "ml-team")]: "1x20",
      },
    },
  ],
  AimOperatorRestarts: [
    {
      says: "four starts in an hour",
      series: { 'process_start_time_seconds{instance="i"}': "1x9 2x9 3x9 4x9 5x30" },
      at: "55m",
      fires: [{ job, instance: "i" }],
    },
    { says: "one start", series: { 'process_start_time_seconds{instance="i"}': "1x9 2x60" }, at: "55m" },
  ],
  AimOperatorMemory: [
    {
      says: "3.9 GB",
      series: { 'process_resident_memory_bytes{instance="i"}': "3900000000x20" },
      at: "11m",
      fires: [{ job, instance: "i" }],
    },
    { says: "half", series: { 'process_resident_memory_bytes{instance="i"}': "2000000000x20" }, at: "20m" },
  ],
  AimCertificateUnreadable: [
    {
      says: "not readable for 20 minutes",
      series: { 'certwatcher_read_certificate_errors_total{instance="i"}': "0x5 0+6x30" },
      at: "27m",
      fires: [{ job, instance: "i" }],
    },
    {
      says: "a rotation that was half done for a moment",
      series: { 'certwatcher_read_certificate_errors_total{instance="i"}': "0x5 1x40" },
      at: "27m",
    },
  ],
  AimReconcilePanics: [
    {
      says: "one in five minutes",
      series: { [of("controller_runtime_reconcile_panics_total", 'controller="service"')]: "0x5 1x20" },
      at: "10m",
      fires: [service],
    },
    {
      says: "long ago",
      series: { [of("controller_runtime_reconcile_panics_total", 'controller="service"')]: "0x5 1x60" },
      at: "50m",
    },
  ],
  AimMissedWakeups: [
    {
      says: "one",
      series: { [of("aim_missed_wakeups_total", 'controller="service"')]: "0x5 1x90" },
      at: "60m",
      fires: [service],
    },
    { says: "none", series: { [of("aim_missed_wakeups_total", 'controller="service"')]: "0x90" }, at: "60m" },
  ],
  AimReconcileErrors: [
    {
      says: "a third",
      series: {
        [of("controller_runtime_reconcile_errors_total", 'controller="service"')]: "0+10x60",
        [of("controller_runtime_reconcile_total", 'controller="service",result="error"')]: "0+10x60",
        [of("controller_runtime_reconcile_total", 'controller="service",result="success"')]: "0+20x60",
      },
      at: "30m",
      fires: [service],
    },
    {
      says: "a tenth",
      series: {
        [of("controller_runtime_reconcile_errors_total", 'controller="service"')]: "0+10x60",
        [of("controller_runtime_reconcile_total", 'controller="service",result="error"')]: "0+10x60",
        [of("controller_runtime_reconcile_total", 'controller="service",result="success"')]: "0+90x60",
      },
      at: "30m",
    },
    {
      says: "at rest",
      series: {
        [of("controller_runtime_reconcile_errors_total", 'controller="service"')]: "7x60",
        [of("controller_runtime_reconcile_total", 'controller="service",result="error"')]: "7x60",
      },
      at: "30m",
    },
  ],
  AimQueueWaits: [
    {
      says: "minutes",
      series: { [waited("60")]: "0+1x60", [waited("300")]: "0+9x60", [waited("+Inf")]: "0+9x60" },
      at: "30m",
      fires: [service],
    },
    {
      says: "seconds",
      series: { [waited("10")]: "0+9x60", [waited("60")]: "0+9x60", [waited("+Inf")]: "0+9x60" },
      at: "30m",
    },
  ],
  AimWritesHang: [
    {
      says: "for minutes",
      series: {
        [of("workqueue_longest_running_processor_seconds", 'controller="service",name="service"')]: "0+60x20",
      },
      at: "9m",
      fires: [service],
    },
    {
      says: "a slow one",
      series: {
        [of("workqueue_longest_running_processor_seconds", 'controller="service",name="service"')]:
          "0 60 120 180 0x20",
      },
      at: "3m",
    },
  ],
  AimApiServerFails: [
    {
      says: "a tenth without answer",
      series: { [requests("200")]: "0+90x30", [requests("<error>")]: "0+10x30" },
      at: "20m",
      fires: [one],
    },
    {
      says: "a tenth not found or in conflict",
      series: { [requests("200")]: "0+90x30", [requests("404")]: "0+5x30", [requests("409")]: "0+5x30" },
      at: "20m",
    },
  ],
  AimObjectsBlocked: [
    {
      says: "five of ten",
      series: { [models]: "10x30", [blocked("DNSFailure")]: "4x30", [blocked("NetworkTimeout")]: "1x30" },
      at: "16m",
      fires: [{ ...one, kind: "AIMModel" }],
    },
    {
      says: "four of eight, as mistyped images may be",
      at: "16m",
      series: { [models]: "8x30", [blocked("DNSFailure")]: "4x30" },
    },
    {
      says: "two of ten, which a standby counts as well",
      at: "16m",
      series: {
        [models]: "10x30",
        [models.replace("{", '{pod="b",')]: "10x30",
        [blocked("DNSFailure")]: "2x30",
        [blocked("DNSFailure").replace("{", '{pod="b",')]: "2x30",
      },
    },
  ],
  AimRegistryFails: [
    {
      says: "answered, then 503 and no answer",
      series: {
        [registry("200")]: "0+10x30 300x60",
        [registry("503")]: "0x30 0+4x60",
        [registry("NetworkTimeout")]: "0x30 0+4x60",
      },
      at: "85m",
      fires: [{ ...one, registry: "registry.example.com" }],
    },
    { says: "never answered", series: { [registry("DNSFailure")]: "0+4x90" }, at: "85m" },
    {
      says: "refuses credentials",
      series: { [registry("200")]: "0+10x30 300x60", [registry("401")]: "0x30 0+4x60" },
      at: "85m",
    },
  ],
  AimDiscoveryFull: [
    {
      says: "ten all the time",
      series: { aim_discovery_jobs_active: "10x120" },
      at: "80m",
      fires: [{ job }],
    },
    { says: "nine now and then", series: { aim_discovery_jobs_active: "10x50 9 10x90" }, at: "80m" },
  ],
};
