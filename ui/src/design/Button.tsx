// Buttons: with words, or an icon alone that still has a name.
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Tooltip } from './Tooltip';
import './button.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: 'primary' | 'plain' | 'quiet';
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ variant = 'plain', icon, className, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button type={type} className={`button button-${variant}${className ? ` ${className}` : ''}`} {...rest}>
      {icon}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label' | 'aria-pressed'> {
  /** The name, also shown as a tooltip. */
  label: string;
  icon: ReactNode;
  /** Given for a button that stays down. */
  pressed?: boolean | undefined;
  /** The key that does the same, for the tooltip: "R". */
  shortcut?: string;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ label, icon, pressed, shortcut, className, type = 'button', ...rest }: IconButtonProps) {
  return (
    <Tooltip text={shortcut ? `${label} (${shortcut})` : label} isName>
      <button type={type} className={`icon-button${className ? ` ${className}` : ''}`} aria-label={label} aria-pressed={pressed} {...rest}>
        {icon}
      </button>
    </Tooltip>
  );
}
