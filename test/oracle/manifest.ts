/** Selector is a LabelSelector as YAML has it. */
export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly Expression[];
}

export interface Expression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

export interface PortManifest {
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  readonly port?: number | string;
  readonly endPort?: number;
}

export interface PeerManifest {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

/** RuleManifest is an item of `egress` (with `to`) or of `ingress` (with `from`). */
export interface RuleManifest {
  readonly ports?: readonly PortManifest[];
  readonly to?: readonly PeerManifest[];
  readonly from?: readonly PeerManifest[];
}

/** PolicyManifest is a networking.k8s.io/v1 NetworkPolicy as YAML has it, before any defaulting. */
export interface PolicyManifest {
  readonly apiVersion: 'networking.k8s.io/v1';
  readonly kind: 'NetworkPolicy';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes?: readonly ('Ingress' | 'Egress')[];
    readonly egress?: readonly RuleManifest[];
    readonly ingress?: readonly RuleManifest[];
  };
}

/** World is one question to the engine: what stands beside the change, and the change. */
export interface World {
  /** `shop` is an ordinary namespace, `kube-system` holds the DNS servers. */
  readonly namespace: 'shop' | 'kube-system';
  /** The container port of the DNS servers. */
  readonly dnsPort: 53 | 5353;
  /** Policies of the namespace that the change does not touch. */
  readonly standing: readonly PolicyManifest[];
  readonly operation: 'AUDIT' | 'CREATE' | 'UPDATE' | 'DELETE';
  /** The stored object on UPDATE and DELETE. */
  readonly before?: PolicyManifest;
  /** The submitted object on AUDIT, CREATE and UPDATE. */
  readonly after?: PolicyManifest;
}
