import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError } from '@impasto/shared';
import { checkReceiverUrl } from './receiver-address.ts';

const rules = {
  allowLoopback: false,
  ownHosts: ['Account.blob.core.windows.net', 'impasto.azurewebsites.net'],
};
const atHome = { ...rules, allowLoopback: true };

const isForbidden = (error: unknown) => error instanceof JobError && error.code === 'webhook_url_forbidden';
const onHosts = (...hosts: string[]) => hosts.map((host) => `https://${host}/hook`);

/** Everything that is refused, in the order of the catalogue of known tricks. */
const refused: Record<string, readonly string[]> = {
  'W1 http': ['http://example.com/', 'http://example.com:443/'],
  'W2 user names and passwords': [
    'https://u:p@example.com/',
    'https://u@example.com/',
    'https://:p@example.com/',
  ],
  'W3 other ports': onHosts('example.com:80', 'example.com:22', 'example.com:6379', 'example.com:8080'),
  'W4 other schemes': [
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'gopher://example.com/',
    'data:text/plain,x',
    'ws://example.com/',
    'blob:https://example.com/x',
  ],
  'W5 spellings of 127.0.0.1': onHosts(
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.1.',
    '１２７.0.0.1',
    '127。0。0。1',
    '%31%32%37.0.0.1',
  ),
  'W6 unspecified, loopback and mapped': onHosts(
    '0.0.0.0',
    '0',
    '[::]',
    '[::1]',
    '[::ffff:7f00:1]',
    '[::ffff:127.0.0.1]',
    '[::127.0.0.1]',
    '[::10.0.0.1]',
    '[::ffff:0:127.0.0.1]',
  ),
  'W7 special ranges of IPv6': onHosts(
    '[64:ff9b::10.0.0.1]',
    '[64:ff9b::8.8.8.8]',
    '[64:ff9b:1::1]',
    '[2002:7f00:1::]',
    '[2001::1]',
    '[100::1]',
    '[fc00::1]',
    '[fd12:3456::1]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[5f00::1]',
    '[4000::1]',
    '[e000::1]',
  ),
  'W8 special ranges of IPv4': onHosts(
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.100.100.200',
    '169.254.1.1',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
  ),
  'W9 the platform and ourselves': onHosts(
    '168.63.129.16',
    '[::ffff:168.63.129.16]',
    '169.254.169.254',
    'account.blob.core.windows.net',
    'ACCOUNT.blob.core.windows.net',
    'impasto.azurewebsites.net',
  ),
  'W10 names of private networks': onHosts(
    'localhost',
    'localhost.',
    'LOCALHOST',
    'x.localhost',
    'printer.local',
    'metadata.google.internal',
    'router.home.arpa',
    'intranet',
    'example.com.',
  ),
  'W15 addresses of strange forms': [
    `https://example.com/${'a'.repeat(8192)}`,
    'https://example.com/a\r\nX-Evil: 1',
    'https://example.com/a%0d%0aX-Evil:%201',
    'https://example.com/%00',
    'https://exa\tmple.com/',
    ' https://example.com/',
    'https://аpple.com/',
    'https://exämple.com/',
    'https://a..b/',
    'https://.example.com/',
    'https://-a.example.com/',
    `https://${'a'.repeat(64)}.example.com/`,
    `https://${'a.'.repeat(130)}com/`,
    'https://exa%6dple%2ecom%2f/',
    'https://*.example.com/',
    'https:///',
    'https://',
    'example.com/hook',
    '//example.com/hook',
    '',
  ],
};

describe('checkReceiverUrl', () => {
  for (const [what, addresses] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      for (const text of addresses)
        assert.throws(() => checkReceiverUrl(text, rules), isForbidden, text.slice(0, 80));
    });
  }

  const accepted: [text: string, href: string][] = [
    ['https://example.com', 'https://example.com/'],
    ['HTTPS://Hooks.Example.COM:443/a/../b?key=1#part', 'https://hooks.example.com/b?key=1'],
    ['https://example.com:8443/hook', 'https://example.com:8443/hook'],
    ['https://xn--bcher-kva.example/', 'https://xn--bcher-kva.example/'],
    ['https://my_host.example.com/', 'https://my_host.example.com/'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
    ['https://[2606:4700:4700::1111]/', 'https://[2606:4700:4700::1111]/'],
    ['https://blob.core.windows.net/', 'https://blob.core.windows.net/'],
    [`https://example.com/${'a'.repeat(2028)}`, `https://example.com/${'a'.repeat(2028)}`],
  ];
  it('gives an allowed address back in its normal form', () => {
    for (const [text, href] of accepted) assert.equal(checkReceiverUrl(text, rules).href, href);
  });

  it('lets this machine through, with http and any port, only where that is set', () => {
    const here = [
      'http://localhost:9/x',
      'http://127.0.0.1:9/',
      'http://[::1]:9/',
      'https://localhost:9/',
      'http://127.1/',
    ];
    for (const text of here) {
      checkReceiverUrl(text, atHome);
      assert.throws(() => checkReceiverUrl(text, rules), isForbidden);
    }
  });

  it('still refuses everything else where this machine is let through', () => {
    const { 'W6 unspecified, loopback and mapped': w6 = [], ...rest } = refused;
    const isHere = /\/\/(localhost|127|0x7f|2130|0177|%31)|^https:\/\/(LOCALHOST|\[::1\])/;
    const others = [...Object.values(rest).flat(), ...w6].filter((text) => !isHere.test(text));
    const more = ['ftp://localhost/', 'http://u:p@localhost/', 'http://localhost.:9/', 'http://10.0.0.1/'];
    for (const text of [...others, ...more])
      assert.throws(() => checkReceiverUrl(text, atHome), isForbidden, text);
  });

  it('says what is wrong and shows nothing of the address that may be secret', () => {
    const secret = 'https://u:hunter2@example.com/hunter2?key=hunter2';
    for (const text of [secret, 'http://example.com/hunter2', 'https://hunter2/', 'https://a.b:81/hunter2']) {
      assert.throws(
        () => checkReceiverUrl(text, rules),
        (error: Error) => /^Expected .*, received /.test(error.message) && !error.message.includes('hunter2'),
      );
    }
  });

  it('takes no longer for a text made to be slow', () => {
    for (const text of [
      `https://${'a-'.repeat(1000)}/`,
      `https://${'a.'.repeat(1000)}/`,
      `https://a.b/${'%1'.repeat(1000)}`,
    ]) {
      const startedMs = performance.now();
      try {
        checkReceiverUrl(text, rules);
      } catch (error) {
        assert.ok(isForbidden(error));
      }
      assert.ok(performance.now() - startedMs < 500);
    }
  });
});
