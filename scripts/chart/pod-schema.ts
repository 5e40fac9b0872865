import { LOG_LEVELS } from '../../src/runtime/log-level.ts';
import {
  atLeast,
  closed,
  listOf,
  OBJECT,
  OBJECTS,
  oneOf,
  orNothing,
  type Properties,
  SWITCH,
  TEXT,
  TEXTS,
} from './json-shapes.ts';

const PROBE = closed({
  initialDelaySeconds: atLeast(0),
  periodSeconds: atLeast(1),
  timeoutSeconds: atLeast(1),
  failureThreshold: atLeast(1),
  successThreshold: atLeast(1),
});

/** podSchema is the schema of the values for the Deployment and its pods. */
export function podSchema(): Properties {
  return {
    replicas: { type: ['null', 'integer'], minimum: 1 },
    image: closed({
      registry: TEXT,
      repository: { type: 'string', minLength: 1 },
      tag: TEXT,
      digest: orNothing({ type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }),
      pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
    }),
    imagePullSecrets: listOf(closed({ name: TEXT })),
    hostNetwork: SWITCH,
    dnsPolicy: oneOf('', 'ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'),
    priorityClassName: TEXT,
    resources: OBJECT,
    affinity: OBJECT,
    topologySpreadConstraints: OBJECTS,
    tolerations: OBJECTS,
    nodeSelector: TEXTS,
    updateStrategy: OBJECT,
    shutdownDelaySeconds: { type: 'integer', minimum: 0, maximum: 999 },
    terminationGracePeriodSeconds: atLeast(0),
    lifecycle: OBJECT,
    startupProbe: PROBE,
    readinessProbe: PROBE,
    livenessProbe: PROBE,
    podSecurityContext: OBJECT,
    securityContext: OBJECT,
    deploymentAnnotations: TEXTS,
    podAnnotations: TEXTS,
    podLabels: TEXTS,
    logLevel: oneOf(...LOG_LEVELS),
    extraArgs: listOf(TEXT),
    extraEnv: OBJECTS,
    extraVolumes: OBJECTS,
    extraVolumeMounts: OBJECTS,
  };
}
