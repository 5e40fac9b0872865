/** SSL_OP_NO_RENEGOTIATION of openssl/ssl.h, which Node hands through. */
const NO_RENEGOTIATION = 0x4000_0000;

/**
 * CIPHER_SUITES are the TLS settings for every certificate of the webhook: TLS 1.2 or later, only authenticated
 * encryption (RFC 7525, 4.2), and no renegotiation, with which a client could make a server work for nothing.
 */
export const CIPHER_SUITES = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  secureOptions: NO_RENEGOTIATION,
} as const;
