import { isPlainObject } from '../plain';
import type { Plain } from '../schema';
import type { Known } from './values';

const size = /^[1-9]\d*(?:B|KB?|MB?|GB?)?$/i;
const flag = /^(?:true|false)$/;

/** The settings of a WiredTiger configuration string that migrations may use. */
const settings: Readonly<Record<string, RegExp>> = {
  access_pattern_hint: /^(?:none|random|sequential)$/,
  block_compressor: /^(?:none|snappy|zlib|zstd)$/,
  dictionary: /^\d{1,6}$/,
  internal_page_max: size,
  leaf_page_max: size,
  leaf_value_max: size,
  memory_page_max: size,
  prefix_compression: flag,
  prefix_compression_min: /^\d{1,6}$/,
  split_pct: /^(?:5\d|[6-9]\d|100)$/,
};

/** `{ wiredTiger: { configString: 'block_compressor=zstd' } }` */
export const storageEngine: Known = {
  words: `{ wiredTiger: { configString: '…' } } with settings among ${Object.keys(settings).join(', ')}`,
  takes: (value) => {
    if (!isPlainObject(value) || Object.keys(value).join() !== 'wiredTiger') return false;
    const engine = value['wiredTiger'];
    if (!isPlainObject(engine)) return false;
    return Object.entries(engine).every(([name, config]) => name === 'configString' && isConfigString(config));
  },
};

function isConfigString(config: Plain): boolean {
  if (typeof config !== 'string') return false;
  if (config === '') return true;
  return config.split(',').every((setting) => {
    const [name = '', value = '', ...more] = setting.split('=');
    return more.length === 0 && Object.hasOwn(settings, name) && settings[name]?.test(value) === true;
  });
}
