import { show } from './problem.ts';

// The grammars and limits below are those of k8s.io/apimachinery/pkg/util/validation.
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_MAX = 63;
const SUBDOMAIN_MAX = 253;
const PORT_NAME_MAX = 15;

/** dnsLabelProblem explains why a text is not an RFC 1123 label, such as a namespace's name. */
export function dnsLabelProblem(text: string): string | undefined {
  if (text.length > LABEL_MAX) return tooLong(text, LABEL_MAX);
  if (DNS_LABEL.test(text)) return undefined;
  return `${show(text)} is not an RFC 1123 label: lower-case letters, digits and "-", with a letter or digit at both ends`;
}

/** dnsSubdomainProblem explains why a text is not an RFC 1123 subdomain, such as a policy's name. */
export function dnsSubdomainProblem(text: string): string | undefined {
  if (text.length > SUBDOMAIN_MAX) return tooLong(text, SUBDOMAIN_MAX);
  if (DNS_SUBDOMAIN.test(text)) return undefined;
  return `${show(text)} is not an RFC 1123 subdomain: lower-case letters, digits, "-" and ".", with a letter or digit at both ends`;
}

/**
 * labelKeyProblem explains why a text is not a label key: a name of at most 63 characters, optionally after `domain/`.
 */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (slash >= 0 && dnsSubdomainProblem(key.slice(0, slash)) !== undefined) {
    return `${show(key)} is not a label key: the part before "/" must be a lower-case domain name`;
  }
  if (name.length > LABEL_MAX) return `${tooLong(name, LABEL_MAX)} as the name in a label key`;
  if (QUALIFIED_NAME.test(name)) return undefined;
  return `${show(key)} is not a label key: letters, digits, "-", "_" and ".", with a letter or digit at both ends`;
}

/** labelValueProblem explains why a text is not a label value: at most 63 characters, or empty. */
export function labelValueProblem(value: string): string | undefined {
  if (value === '') return undefined;
  if (value.length > LABEL_MAX) return `${tooLong(value, LABEL_MAX)} as a label value`;
  if (QUALIFIED_NAME.test(value)) return undefined;
  return `${show(value)} is not a label value: letters, digits, "-", "_" and ".", with a letter or digit at both ends`;
}

/** portNameProblem explains why a text is not a port name: at most 15 characters, a letter among them. */
export function portNameProblem(name: string): string | undefined {
  if (/^\d+$/.test(name)) return `${show(name)} is a string of digits; a port number is written without quotes`;
  const [, first, last] = /^(\d+)[-:](\d+)$/.exec(name) ?? [];
  if (first !== undefined) return `${show(name)} is not a port; write a range as port: ${first} with endPort: ${last}`;
  if (name.length > PORT_NAME_MAX) return `${tooLong(name, PORT_NAME_MAX)} as a port name`;
  const grammatical = /^[-a-z0-9]+$/.test(name) && /[a-z]/.test(name) && !/--|^-|-$/.test(name);
  if (grammatical) return undefined;
  return `${show(name)} is not a port name: lower-case letters (at least one), digits and single "-" between them`;
}

function tooLong(text: string, limit: number): string {
  return `${show(text)} has ${text.length} characters, at most ${limit} are allowed`;
}
