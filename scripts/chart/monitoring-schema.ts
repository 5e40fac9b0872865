import { closed, OBJECTS, orNothing, PORT, type Properties, SWITCH, TEXT, TEXTS } from './json-shapes.ts';

const PERIOD = orNothing({ type: 'string', pattern: '^([0-9]+(ms|s|m|h))+$' });

/** monitoringSchema is the schema of the values for probes, metrics and their readers. */
export function monitoringSchema(): Properties {
  return {
    health: closed({ port: PORT }),
    metrics: closed({ port: PORT }),
    serviceMonitor: closed({
      enabled: SWITCH,
      labels: TEXTS,
      interval: PERIOD,
      scrapeTimeout: PERIOD,
      relabelings: OBJECTS,
      metricRelabelings: OBJECTS,
    }),
    prometheusRule: closed({ enabled: SWITCH, labels: TEXTS, alertLabels: TEXTS }),
    grafana: closed({ enabled: SWITCH, labels: TEXTS, annotations: TEXTS, namespace: TEXT }),
  };
}
