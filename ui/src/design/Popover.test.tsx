// @vitest-environment happy-dom
// The popover: what opens it closes it, Esc closes it, and a page that renders anew does not move the focus.
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { Popover } from './Popover';

afterEach(cleanup);
const panel = () => screen.queryByRole('dialog', { name: 'More' });

function Page() {
  return (
    <Popover label="More" onOpenChange={() => {}} trigger={<button type="button">Open</button>}>
      <input aria-label="one" />
      <input aria-label="two" />
    </Popover>
  );
}

describe('the popover', () => {
  it('opens, takes the focus, closes on Esc and gives it back', () => {
    render(<Page />);
    const trigger = screen.getByRole('button');
    trigger.focus();
    fireEvent.click(trigger);
    expect([trigger.getAttribute('aria-expanded'), document.activeElement]).toEqual(['true', screen.getByLabelText('one')]);
    fireEvent.keyDown(screen.getByLabelText('one'), { key: 'Escape' });
    expect([panel(), document.activeElement]).toEqual([null, trigger]);
  });
  it('stays closed when the browser has closed it before the click on its button', () => {
    render(<Page />);
    const trigger = screen.getByRole('button');
    fireEvent.click(trigger);
    fireEvent.pointerDown(trigger);
    fireEvent(panel()!, Object.assign(new Event('toggle'), { newState: 'closed' }));
    fireEvent.click(trigger);
    expect(panel()).toBeNull();
    fireEvent.click(trigger);
    expect(panel()).not.toBeNull();
  });
  it('keeps the focus where it is when the page renders anew', () => {
    const { rerender } = render(<Page />);
    fireEvent.click(screen.getByRole('button'));
    screen.getByLabelText('two').focus();
    rerender(<Page />);
    expect(document.activeElement).toBe(screen.getByLabelText('two'));
  });
});
