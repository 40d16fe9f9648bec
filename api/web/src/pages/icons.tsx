/** Signs beside words: shape carries the meaning too, never colour alone. */

import type { ComponentChildren } from "preact";

function Icon({ children, filled = false }: { readonly children: ComponentChildren; readonly filled?: boolean }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"
      fill={filled ? "currentColor" : "none"} stroke={filled ? "none" : "currentColor"} stroke-width="1.6"
      stroke-linecap="round" stroke-linejoin="round">
      {children}
    </svg>
  );
}

export const Warning = () => <Icon><path d="M8 2 14.5 13.5h-13z" /><path d="M8 6.5v3.2M8 11.6v.1" /></Icon>;
export const Clock = () => <Icon><circle cx="8" cy="8" r="6" /><path d="M8 4.6V8l2.4 1.6" /></Icon>;
export const Cut = () => <Icon><path d="M2 8h4M10 8h4M7 4l2 8" /></Icon>;
export const Hatch = () => <Icon><rect x="2.5" y="2.5" width="11" height="11" stroke-dasharray="3 2" /><path d="m4.5 11.5 7-7M4.5 7.5l3-3M8.5 11.5l3-3" /></Icon>;
export const Shrink = () => <Icon><rect x="2" y="2" width="12" height="12" /><rect x="2" y="8" width="6" height="6" /></Icon>;
export const Squeeze = () => <Icon><path d="M2 8h4m4 0h4M4 5.5 6.5 8 4 10.5M12 5.5 9.5 8l2.5 2.5" /></Icon>;
export const Stop = () => <Icon filled><rect x="3.5" y="3.5" width="9" height="9" /></Icon>;
export const Veil = () => <Icon><rect x="2" y="4" width="12" height="8" /><path d="M2 8h12" /></Icon>;
export const Face = () => <Icon><circle cx="8" cy="5.5" r="3" /><path d="M2.5 14c.8-3 2.8-4.2 5.5-4.2s4.7 1.2 5.5 4.2" /></Icon>;
export const Film = () => <Icon><rect x="2" y="3" width="12" height="10" /><path d="M5 3v10M11 3v10M2 6.3h3M2 9.7h3M11 6.3h3M11 9.7h3" /></Icon>;
export const Copy = () => <Icon><rect x="5" y="5" width="9" height="9" /><path d="M11 5V2H2v9h3" /></Icon>;
export const Question = () => <Icon><circle cx="8" cy="8" r="6" /><path d="M6.3 6.3a1.8 1.8 0 1 1 1.7 2.3v.8M8 11.5v.1" /></Icon>;
export const Check = () => <Icon><path d="m3 8.5 3.2 3.2L13 4.8" /></Icon>;
export const Dot = () => <Icon filled><circle cx="8" cy="8" r="4" /></Icon>;
export const Ring = () => <Icon><circle cx="8" cy="8" r="4" /></Icon>;
export const Plus = () => <Icon><path d="M8 3v10M3 8h10" /></Icon>;
export const Minus = () => <Icon><path d="M3 8h10" /></Icon>;
export const Whole = () => <Icon><path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" /></Icon>;
export const Play = () => <Icon filled><path d="M4.5 2.5v11l9-5.5z" /></Icon>;
export const Pause = () => <Icon filled><path d="M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z" /></Icon>;
export const Previous = () => <Icon><path d="M11.5 3 6 8l5.5 5M4 3v10" /></Icon>;
export const Next = () => <Icon><path d="M4.5 3 10 8l-5.5 5M12 3v10" /></Icon>;
