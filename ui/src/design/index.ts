// The primitives pages are built from.
export { announce, useAnnounce } from './announce';
export { Badge } from './Badge';
export { Button, IconButton } from './Button';
export { Chip } from './Chip';
export { Combobox, type ComboboxOption } from './Combobox';
export { CopyButton, copyText } from './CopyButton';
export { Dialog } from './Dialog';
export { PageHeader } from './PageHeader';
export { Keys } from './Keys';
export { Popover } from './Popover';
export { ServiceDot, ServiceName } from './Service';
export { EmptyState, ErrorState, Skeleton } from './States';
export { TabPanel, Tabs } from './Tabs';
export { Segmented, Switch } from './Switch';
export { Tooltip } from './Tooltip';
export { useDelayed } from './useDelayed';
