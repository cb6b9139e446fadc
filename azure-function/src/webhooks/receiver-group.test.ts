import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { receiverGroupOf } from './receiver-group.ts';

const groups: readonly (readonly [string, string])[] = [
  ['https://hooks.example.com', 'example.com'],
  ['https://a.b.c.evil.example:8443', 'evil.example'],
  ['https://evil.example', 'evil.example'],
  ['https://hooks.shop.co.uk', 'shop.co.uk'],
  ['https://hooks.ab.de', 'ab.de'],
  ['https://93.184.216.34', '93.184.216.34'],
  ['https://[2001:db8:1:2:3::4]', '32.1.13.184.0.1.0.2'],
  ['http://localhost:9000', 'localhost'],
  ['', ''],
];

describe('the group of a receiver', () => {
  it('is its domain, or its network', () => {
    for (const [origin, group] of groups) assert.equal(receiverGroupOf(origin), group, origin);
  });
});
