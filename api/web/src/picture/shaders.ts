/** The two shaders: samples are integers in a texture, fetched one to one, so that 8-bit colour stays bit for bit. */

export const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0; // one triangle over everything
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

export function fragment(signed: boolean, colour: boolean): string {
  const grey = `
  float share = clamp((float(texel.r) - tone.x) * tone.y, 0.0, 1.0);
  shown = vec4(vec3(tone.w > 0.5 ? 1.0 - share : share), 1.0);`;
  const rgb = `
  shown = vec4(clamp(vec3(texel.rgb) / tone.z, 0.0, 1.0), 1.0);`;
  return `#version 300 es
precision highp float;
precision highp int;
uniform highp ${signed ? "i" : "u"}sampler2D samples;
uniform vec4 tone; // level, scale, highest value, inverted
out vec4 shown;
void main() {
  ivec2 size = textureSize(samples, 0);
  ivec2 at = ivec2(int(gl_FragCoord.x), size.y - 1 - int(gl_FragCoord.y));
  ${signed ? "i" : "u"}vec4 texel = texelFetch(samples, at, 0);${colour ? rgb : grey}
}`;
}

/** Compile and link; throws with the driver's words. */
export function link(gl: WebGL2RenderingContext, fragmentSource: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, fragmentSource]] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw new Error("the graphics context is lost");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(`shader: ${gl.getProgramInfoLog(program) ?? "lost"}`);
  return program;
}
