// Every key that works on the page that is open.
import { Dialog } from '../design/Dialog';
import { Keys } from '../design/Keys';
import { Switch } from '../design/Switch';
import { useKeyGroups, type KeyBinding, type KeyGroup } from '../keys/keys';
import { usePreferences } from '../preferences/preferences';
import './keyboard-help.css';

export function KeyboardHelp({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const groups = mergeGroups(useKeyGroups());
  const { letterKeys, set } = usePreferences();
  return (
    <Dialog title="Keyboard" open={open} onOpenChange={onOpenChange} className="key-help">
      <div className="key-help-groups" tabIndex={0} role="group" aria-label="All keys">
        {groups.map((group) => (
          <section key={group.scope} className="key-help-group">
            <h3>{group.scope}</h3>
            <dl>
              {group.bindings.map((binding) => (
                <div key={binding.keys} className={`key-help-row${!letterKeys && isLetter(binding.keys) ? ' key-help-off' : ''}`}>
                  <dt>{binding.label}</dt>
                  <dd>
                    <Keys keys={binding.keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <footer className="key-help-foot">
        <Switch label="Single-letter keys (switch off if you speak to your computer)" checked={letterKeys} onChange={(value) => set({ letterKeys: value })} />
      </footer>
    </Dialog>
  );
}

/** One section per scope, each key once: the group registered last has it. */
export function mergeGroups(groups: readonly KeyGroup[]): KeyGroup[] {
  const scopes = new Map<string, Map<string, KeyBinding>>();
  for (const group of groups) {
    const bindings = scopes.get(group.scope) ?? new Map<string, KeyBinding>();
    scopes.set(group.scope, bindings);
    for (const binding of group.bindings) bindings.set(binding.keys, binding);
  }
  return [...scopes].filter(([, bindings]) => bindings.size > 0).map(([scope, bindings]) => ({ scope, bindings: [...bindings.values()] }));
}

function isLetter(keys: string): boolean {
  return keys.split(' | ').every((one) => one.split(' ').every((stroke) => stroke.length === 1));
}
