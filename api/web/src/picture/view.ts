/** Zoom and pan: how the picture lies in its pane, in CSS pixels. */

export interface View {
  readonly zoom: number;
  /** Offset of the picture's centre from the pane's centre. */
  readonly dx: number;
  readonly dy: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const WHOLE: View = { zoom: 1, dx: 0, dy: 0 };
export const ZOOM_MAX = 16;
export const ZOOM_STEP = 1.25;

/** CSS pixels per picture pixel that fit the whole picture into the pane. */
export function fit(pane: Size, picture: Size): number {
  if (picture.width <= 0 || picture.height <= 0) return 1;
  return Math.min(pane.width / picture.width, pane.height / picture.height);
}

/** Zoom by a factor, keeping the point (x, y), counted from the pane's centre, where it is. */
export function zoomed(view: View, factor: number, x: number, y: number, pane: Size, picture: Size): View {
  const zoom = Math.min(ZOOM_MAX, Math.max(1, view.zoom * factor));
  const ratio = zoom / view.zoom;
  return held({ zoom, dx: x - (x - view.dx) * ratio, dy: y - (y - view.dy) * ratio }, pane, picture);
}

export function panned(view: View, dx: number, dy: number, pane: Size, picture: Size): View {
  return held({ ...view, dx: view.dx + dx, dy: view.dy + dy }, pane, picture);
}

/** Keep the picture in the pane: no further than its own edges. */
export function held(view: View, pane: Size, picture: Size): View {
  const scale = fit(pane, picture) * view.zoom;
  const slackX = Math.max(0, (picture.width * scale - pane.width) / 2);
  const slackY = Math.max(0, (picture.height * scale - pane.height) / 2);
  const clamp = (value: number, slack: number): number => Math.min(slack, Math.max(-slack, value)) + 0; // no -0
  return { zoom: view.zoom, dx: clamp(view.dx, slackX), dy: clamp(view.dy, slackY) };
}

export interface Placement {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

/** Where the picture's top left corner lies in the pane, and its scale. */
export function place(view: View, pane: Size, picture: Size): Placement {
  const scale = fit(pane, picture) * view.zoom;
  return {
    left: (pane.width - picture.width * scale) / 2 + view.dx,
    top: (pane.height - picture.height * scale) / 2 + view.dy,
    scale,
  };
}

/** Which point of the picture lies in the pane's centre. */
export function centreOf(view: View, pane: Size, picture: Size): { readonly x: number; readonly y: number } {
  const scale = fit(pane, picture) * view.zoom;
  return { x: picture.width / 2 - view.dx / scale, y: picture.height / 2 - view.dy / scale };
}

/** The view with that point in the pane's centre, as far as the picture's edges allow: the reverse of `centreOf`. */
export function centredAt(zoom: number, x: number, y: number, pane: Size, picture: Size): View {
  const near = Math.min(ZOOM_MAX, Math.max(1, zoom));
  const scale = fit(pane, picture) * near;
  return held({ zoom: near, dx: (picture.width / 2 - x) * scale, dy: (picture.height / 2 - y) * scale }, pane, picture);
}
